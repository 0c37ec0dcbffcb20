import type { Command } from 'ioredis'
import type { AnyRedis } from './any-redis.js'
import type { ClientLog } from '../observe/client-log.js'
import type { ResolvedOptions } from '../options.js'
import type { Address } from '../protocol/address.js'
import { sameAddress } from '../protocol/address.js'
import type { ReadCandidate, ReadFrom } from '../routing/read-policy.js'
import { formatSession } from '../routing/session-token.js'
import type { Topology } from '../topology/topology.js'
import { explainRefusal } from './access-errors.js'
import type { EmitEvent } from './announce.js'
import { sessionPointOf } from './call.js'
import type { Dispatcher } from './dispatcher.js'
import { inFlightCount } from './ioredis-internals.js'
import { LagWatch } from './lag-watch.js'
import type { NodeSettings } from './open-node.js'
import { OwnWritesWatch } from './own-writes-watch.js'
import type { ReplicaConnection } from './replica-connection.js'
import { ReplicaPool } from './replica-pool.js'
import { SessionReads } from './session-reads.js'
import { SideConnection } from './side-connection.js'

/** What the reads of a client need of it. */
export interface ReadsHost {
  readonly options: ResolvedOptions
  readonly node: NodeSettings
  readonly log: ClientLog
  readonly emit: EmitEvent
  /** The connection to the primary, and what is sent on it. */
  readonly redis: AnyRedis
  readonly dispatcher: Dispatcher
  topology(): Topology
  downAfterMs(): number
  hopelessAfterMs(): number
  /** A replica has said what it is. */
  onRole(address: Address, role: 'primary' | 'replica'): void
}

/** The replicas that one client reads from, what each of them is known to hold, and the choice for each read. */
export class ClientReads {
  readonly #host: ReadsHost
  /** Undefined: reads may miss own writes. */
  readonly #ownWrites: OwnWritesWatch | undefined
  readonly #sessions: SessionReads
  #pool: ReplicaPool | undefined
  /** Where the primary says that it is. */
  #primaryZone: string | undefined
  readonly #primaryIsGone = (): boolean => this.#host.topology().phase.kind !== 'stable'

  constructor(host: ReadsHost) {
    this.#host = host
    const { options, log, emit, dispatcher } = host
    const known = {
      askPrimary: (name: string, argument: string) => dispatcher.ask(name, argument),
      replicas: () => this.#pool?.usable ?? []
    }
    this.#ownWrites =
      options.consistency === 'eventual'
        ? undefined
        : new OwnWritesWatch({
            ...known,
            onProgress: () => {
              dispatcher.readersChanged()
            }
          })
    this.#sessions = new SessionReads({
      ...known,
      onLost: (point, lostBytes) => {
        const session = formatSession(options.name, point) ?? ''
        log.sessionLost(session, lostBytes)
        // A listener that throws must not fail the read that found it out.
        queueMicrotask(() => {
          emit('session-lost', { session, lostBytes })
        })
      }
    })
  }

  get replicas(): readonly ReplicaConnection[] {
    return this.#pool?.all ?? []
  }

  /** It may be read from now. */
  isUsable(replica: ReplicaConnection): boolean {
    return this.#pool?.usable.includes(replica) === true
  }

  /** How old its data is at most; undefined while that is not known. */
  lagMsOf(replica: ReplicaConnection): number | undefined {
    return this.#pool?.lagMsOf(replica)
  }

  /** This client writes this, or has written it. */
  wrote(command: Command, db: number): void {
    this.#ownWrites?.wrote(command, db)
  }

  follow(topology: Topology): void {
    if (this.#host.options.readFrom !== 'primary' || this.#pool !== undefined) this.#replicaPool().follow(topology)
  }

  /** What replicas were known to hold says nothing of what the next primary holds. */
  forgetWrites(): void {
    this.#ownWrites?.forgetAll()
    this.#sessions.forgetAll()
  }

  /** The primary is connected, and says that it is there. */
  primaryIsIn(zone: string | undefined): void {
    this.#primaryZone = zone
  }

  close(): void {
    this.#pool?.close()
    this.#pool = undefined
    this.forgetWrites()
  }

  /** A replica that may answer these reads, of those that are wanted; undefined for the primary's own path. */
  choose(
    policy: ReadFrom,
    commands: readonly Command[],
    db: number,
    wanted: ((one: ReplicaConnection) => boolean) | undefined
  ): ReplicaConnection | undefined {
    const [request] = commands
    if (request === undefined) return undefined
    const pool = this.#replicaPool()
    const holds = this.#holdersFor(commands, db)
    const fit =
      wanted === undefined ? holds : (one: ReplicaConnection): boolean => wanted(one) && holds?.(one) !== false
    const chosen = pool.choose(policy, request, this.#primaryFor(policy), fit)
    return chosen === undefined || chosen.isPrimary ? undefined : (chosen as ReplicaConnection)
  }

  /** It is in the client's zone. Of a replica that nobody reads from that is known only when the user has said so. */
  isNear(replica: Address): boolean {
    const { zones } = this.#host.options
    if (zones === undefined) return true
    if (zones.of !== undefined) return zones.of(replica) === zones.own
    return this.replicas.some((one) => one.sameZone && sameAddress(one.address, replica))
  }

  /** Undefined when any replica may answer these reads; else what tells whether one may. */
  #holdersFor(commands: readonly Command[], db: number): ((one: ReplicaConnection) => boolean) | undefined {
    const own = this.#ownWrites?.fitFor(commands, db)
    const [first] = commands
    const point = first === undefined ? undefined : sessionPointOf(first)
    if (point === undefined) return own
    const others = this.#sessions.fitFor(point)
    return own === undefined ? others : (one) => own(one) && others(one)
  }

  /** The primary among the nodes that a policy chooses from, while it takes commands. */
  #primaryFor(policy: ReadFrom): ReadCandidate | undefined {
    const { dispatcher, redis } = this.#host
    if (policy === 'replicaPreferred' || policy === 'replica' || !dispatcher.open) return undefined
    const { connectedTo: address, latencyMs } = dispatcher
    if (address === undefined) return undefined
    return { address, isPrimary: true, pending: inFlightCount(redis), latencyMs, sameZone: this.#isInOwnZone(address) }
  }

  #isInOwnZone(primary: Address): boolean {
    const { zones } = this.#host.options
    return zones !== undefined && (zones.of === undefined ? this.#primaryZone : zones.of(primary)) === zones.own
  }

  #lagWatch(): LagWatch | undefined {
    const { options, log, node, dispatcher } = this.#host
    const { maxLagMs, routeTo } = options
    if (maxLagMs === Infinity) return undefined
    let warned = false
    return new LagWatch(maxLagMs, {
      primary: () => this.#host.topology().primary?.address,
      primaryIsGone: this.#primaryIsGone,
      open: (address, signal) => SideConnection.open(routeTo(address, 'primary'), node, signal),
      replicas: () => this.replicas,
      readsWait: () => dispatcher.readsWaiting > 0,
      onChange: () => {
        this.#pool?.changed()
      },
      onForbidden: (answer) => {
        if (warned) return
        warned = true
        log.lagForbidden(answer, maxLagMs)
      }
    })
  }

  #replicaPool(): ReplicaPool {
    const { options, node, log, emit, dispatcher } = this.#host
    this.#pool ??= new ReplicaPool(
      this.#host.topology(),
      {
        redis: options.redis,
        node,
        reach: (address) => options.routeTo(address, 'replica'),
        suspectAfterMs: options.suspectAfterMs,
        hedge: options.hedge,
        hopelessAfterMs: () => this.#host.hopelessAfterMs(),
        downAfterMs: () => this.#host.downAfterMs(),
        zones: options.zones,
        primaryIsGone: this.#primaryIsGone
      },
      {
        onChange: () => {
          dispatcher.readersChanged()
        },
        onUnanswered: (items) => {
          dispatcher.unanswered(items)
        },
        onLate: (items, quiet, from) => {
          dispatcher.late(items, quiet, from)
        },
        onErrorReply: (error, item, from) => {
          explainRefusal(error, from.address)
          return dispatcher.refusedByReplica(error, item, from)
        },
        onRole: (address, role) => {
          this.#host.onRole(address, role)
        },
        onTrouble: (error) => {
          log.trouble(error)
        }
      },
      (replica) => {
        this.#ownWrites?.forget(replica)
        this.#sessions.forget(replica)
      },
      {
        onOut: (out) => {
          log.replicas.out(out)
          emit('replica-out', out)
        },
        onBack: (back) => {
          log.replicas.back(back)
          emit('replica-back', back)
        }
      },
      this.#lagWatch()
    )
    return this.#pool
  }
}
