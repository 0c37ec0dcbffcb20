import { EventEmitter } from 'eventemitter3'
import type { Logger } from 'pino'
import { OutageLog } from '../observe/outage-log.js'
import type { RouteTo } from '../options/addresses.js'
import type { Hop } from '../protocol/access.js'
import type { Address } from '../protocol/address.js'
import { formatAddress } from '../protocol/address.js'
import { orderedToBePrimary } from '../protocol/parse-event.js'
import type { Observation } from '../topology/observation.js'
import { successorIn } from '../topology/phase.js'
import type { ReducePolicy, TopologyState } from '../topology/reduce.js'
import { initialState, reduce } from '../topology/reduce.js'
import type { Topology } from '../topology/topology.js'
import { Parties } from './handover/parties.js'
import type { NodeSettings, OpenSocket } from './open-node.js'
import type { OpenError } from './open-socket.js'
import { Opening } from './opening.js'
import { Scout } from './scout.js'
import type { GroupFollower, SentinelHub } from './sentinel-hub.js'
import { steadyNow } from './steady-now.js'
import { SuspicionCheck } from './suspicion-check.js'

export interface WatchOptions {
  readonly group: string
  readonly policy: ReducePolicy
  readonly node: NodeSettings
  readonly routeTo: RouteTo
}

interface WatchEvents {
  /** A new value of the topology; `before` is the one it replaces. */
  topology: (topology: Topology, before: Topology) => void
  /** Everything seen and told, in order, before it is folded in. */
  observation: (observation: Observation) => void
  /** A server cannot be connected to, or does not let this client in. */
  trouble: (error: OpenError, hop: Hop) => void
}

/**
 * Holds the topology of one group: observations go in, the reducer makes the next value, listeners obey it. Shared by all
 * clients of the process that ask the same sentinels for the same group by the same credentials.
 */
export class Watch extends EventEmitter<WatchEvents> implements GroupFollower {
  readonly group: string
  /** The clients that hold their writes together while the primary is handed over. */
  readonly parties = new Parties()
  readonly #hub: SentinelHub
  readonly #policy: ReducePolicy
  readonly #scout: Scout
  readonly #opening: Opening
  readonly #suspicion: SuspicionCheck
  readonly #log: Logger
  readonly #outage: OutageLog
  #state: TopologyState
  #doubtTimer: NodeJS.Timeout | undefined
  #closed = false

  constructor(hub: SentinelHub, options: WatchOptions, log: Logger) {
    super()
    this.group = options.group
    this.#hub = hub
    this.#policy = options.policy
    this.#log = log
    this.#outage = new OutageLog(log)
    this.#state = initialState(options.group)
    this.#scout = new Scout(options.node, (address) => options.routeTo(address, 'primary'), {
      onRole: (address, role) => {
        this.observe({ kind: 'role', at: steadyNow(), address, role })
      },
      onTrouble: (error) => {
        this.emit('trouble', error, 'node')
      }
    })
    const observe = (observation: Observation): void => {
      this.observe(observation)
    }
    this.#opening = new Opening(options, observe)
    this.#suspicion = new SuspicionCheck(options, observe)
    hub.follow(this)
  }

  get topology(): Topology {
    return this.#state.topology
  }

  trouble(error: OpenError): void {
    if (!this.#closed) this.emit('trouble', error, 'sentinel')
  }

  observe(observation: Observation): void {
    if (this.#closed) return
    this.emit('observation', observation)
    const before = this.#state.topology
    this.#state = reduce(this.#state, observation, this.#policy)
    const promoted = observation.kind === 'event' ? orderedToBePrimary(observation.event) : undefined
    if (promoted !== undefined) this.#scout.expectPromotion(promoted)
    const { topology } = this.#state
    if (before.primary === undefined) this.#opening.follow(this.#state)
    if (topology.revision === before.revision) return
    this.#log.debug(
      { phase: topology.phase, primary: topology.primary, epoch: topology.configEpoch },
      'topology changed'
    )
    this.#outage.follow(topology)
    this.#follow(topology)
    this.emit('topology', topology, before)
  }

  /** A verified connection to this primary that the scout has open, for the first who asks. */
  takeSocket(address: Address): OpenSocket | undefined {
    return this.#scout.take(address)
  }

  /** Asks all sentinels now: something that they may know of happened. */
  refresh(): void {
    this.#hub.refresh(this.group)
  }

  /** One SENTINEL command at one sentinel (`host:port` as in the topology). Rejects with its error reply, or when it does not answer. */
  askSentinel(key: string, words: readonly string[]): Promise<unknown> {
    return this.#hub.command(key, words)
  }

  /** The addresses that sentinels tell of each other, before they are mapped. */
  get namedSentinels(): ReadonlySet<string> {
    return this.#hub.named
  }

  groupNames(): Promise<readonly string[]> {
    return this.#hub.groupNames()
  }

  sentinelErrors(): Readonly<Record<string, Error>> {
    return this.#hub.errors()
  }

  close(): void {
    this.#closed = true
    this.#outage.stop()
    clearTimeout(this.#doubtTimer)
    this.#scout.close()
    this.#opening.close()
    this.#suspicion.close()
    this.#hub.unfollow(this)
    this.removeAllListeners()
  }

  #follow(topology: Topology): void {
    const { phase, primary } = topology
    this.#suspicion.follow(topology)
    const scouted = this.#scouted(topology)
    if (scouted !== undefined) this.#scout.watch(scouted)
    else setImmediate(this.#endScouting)
    this.#hub.hurry(this.group, phase.kind !== 'stable' && phase.kind !== 'unknown')
    clearTimeout(this.#doubtTimer)
    if (primary === undefined || primary.confirmed) return
    this.#log.debug(
      { primary: formatAddress(primary.address) },
      'following a promotion that no sentinel has confirmed yet'
    )
    this.#doubtTimer = setTimeout(
      () => {
        this.observe({ kind: 'tick', at: steadyNow() })
        this.refresh()
      },
      Math.max(0, primary.since + this.#policy.confirmWithinMs + 1 - steadyNow())
    )
    this.#doubtTimer.unref()
  }

  /** Later than what those wait for who follow a new primary. */
  readonly #endScouting = (): void => {
    if (!this.#closed && this.#scouted(this.topology) === undefined) this.#scout.watch(undefined)
  }

  #scouted(topology: Topology): Address | undefined {
    return topology.phase.kind === 'verifying' ? topology.phase.candidate : successorIn(topology)
  }
}
