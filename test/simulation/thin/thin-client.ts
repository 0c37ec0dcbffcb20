import { formatAddress } from '../../../src/protocol/address.js'
import { refusalOf } from '../../../src/routing/refusal.js'
import type { Refusal } from '../../../src/routing/refusal.js'
import { afterLoss } from '../../../src/routing/retry.js'
import type { Call } from '../../../src/runtime/call.js'
import { issue, markLost, markWritten, wasLost, writtenAt } from '../../../src/runtime/call.js'
import { Gate } from '../../../src/runtime/gate.js'
import { HeldQueue, sizeOf } from '../../../src/runtime/held-queue.js'
import { steadyNow } from '../../../src/runtime/steady-now.js'
import { TopologyHold } from '../../../src/runtime/topology-hold.js'
import type { Observation } from '../../../src/topology/observation.js'
import type { ReducePolicy, TopologyState } from '../../../src/topology/reduce.js'
import { initialState, reduce } from '../../../src/topology/reduce.js'
import type { Topology } from '../../../src/topology/topology.js'
import type { Appointment } from '../clock.js'
import type { Knowledge } from '../knowledge.js'
import type { Operation, Outcome } from '../ledger.js'
import type { SimClient } from '../workload.js'
import { wordsOf } from '../workload.js'
import type { Reply } from '../world/reply.js'
import type { World } from '../world/world.js'
import { ThinLine } from './thin-line.js'
import { ThinScout } from './thin-scout.js'
import type { ThinTimes } from './thin-sentinel.js'
import { ThinSentinel } from './thin-sentinel.js'

export interface ThinOptions extends ThinTimes {
  readonly holdWrites: 'odown' | 'failover' | 'never'
  readonly holdLimitMs: number
  readonly connectTimeoutMs: number
  readonly suspectAfterMs: number
}

interface ThinCall {
  readonly operation: Operation
  isSettled: boolean
}

type AnyCall = Call & ThinCall

/**
 * The client's own decisions (reducer, hold, gate, queue, refusals, what may be sent again) with the thinnest I/O around
 * them: messages instead of bytes, no ioredis, no promises. Many times faster than the whole.
 */
export class ThinClient implements SimClient {
  readonly #world: World
  readonly #knowledge: Knowledge
  readonly #policy: ReducePolicy
  readonly #options: ThinOptions
  readonly #sentinels: readonly ThinSentinel[]
  readonly #line: ThinLine
  readonly #scout: ThinScout
  readonly #hold: TopologyHold
  readonly #gate: Gate
  readonly #held = new HeldQueue(10_000, 1_000_000)
  #inFlight: AnyCall[] = []
  #state: TopologyState
  #heardAt = 0
  #silence: Appointment | undefined
  #doubt: Appointment | undefined
  #rests = 0
  #sequence = 0

  constructor(world: World, knowledge: Knowledge, policy: ReducePolicy, options: ThinOptions) {
    this.#world = world
    this.#knowledge = knowledge
    this.#policy = policy
    this.#options = options
    this.#state = initialState(world.group)
    const observe = (seen: Observation): void => {
      this.#observe(seen)
    }
    this.#sentinels = world.sentinels.map((sentinel) => new ThinSentinel(world, sentinel, options, observe))
    this.#scout = new ThinScout(world, (address, role) => {
      this.#observe({ kind: 'role', at: steadyNow(), address, role })
    })
    this.#gate = new Gate(() => {
      this.#flush()
    })
    this.#gate.hold('connection')
    this.#line = new ThinLine(world, () => this.#state.topology, options.connectTimeoutMs, {
      observe,
      onReady: () => {
        this.#heardAt = world.clock.now
        this.#gate.release('connection')
      },
      onReply: (reply) => {
        this.#reply(reply)
      },
      onLost: () => {
        this.#lost()
      }
    })
    this.#hold = new TopologyHold(
      options,
      (hold) => {
        if (hold) this.#gate.hold('topology')
        else this.#gate.release('topology')
      },
      () => undefined
    )
  }

  start(): void {
    for (const sentinel of this.#sentinels) {
      this.#observe({ kind: 'sentinel-added', at: steadyNow(), from: sentinel.key })
      sentinel.open()
    }
  }

  write(operations: readonly Operation[], deadlineMs: number): void {
    for (const operation of operations) this.#dispatch(operation, deadlineMs)
  }

  close(): void {
    this.#hold.stop()
  }

  #dispatch(operation: Operation, deadlineMs: number): void {
    const [name, ...args] = wordsOf(operation)
    const call = { name: name.toLowerCase(), args, isSettled: false, operation } as unknown as AnyCall
    issue(call, ++this.#sequence, this.#world.clock.now, 0)
    this.#world.clock.schedule(deadlineMs, () => {
      if (call.isSettled) return
      const waits = this.#held.remove(({ command }) => command === call).length > 0
      this.#settle(call, waits && !wasLost(call) ? 'unexecuted' : 'failed')
    })
    if (this.#gate.open) this.#write(call)
    else this.#held.push(this.#item(call))
  }

  #item(call: AnyCall): Parameters<HeldQueue['push']>[0] {
    return { command: call, since: this.#world.clock.now, bytes: sizeOf(call), replay: false }
  }

  #write(call: AnyCall): void {
    const { node } = this.#line
    if (node !== undefined) this.#knowledge.writes(call.operation.number, node)
    markWritten(call, this.#world.clock.now)
    this.#inFlight.push(call)
    this.#line.send(wordsOf(call.operation))
    this.#silence ??= this.#lookForSilence()
  }

  #flush(): void {
    while (this.#gate.open) {
      const item = this.#held.shift()
      if (item === undefined) return
      const call = item.command as AnyCall
      if (!call.isSettled) this.#write(call)
    }
  }

  #reply(reply: Reply): void {
    this.#heardAt = this.#world.clock.now
    this.#gate.release('silence')
    const call = this.#inFlight.shift()
    if (call === undefined) return
    if (reply.kind !== 'error') {
      if (!call.isSettled) this.#settle(call, 'acked', reply.kind === 'number' ? reply.value : undefined)
      return
    }
    const refusal = refusalOf(reply.message)
    if (call.isSettled) return
    if (refusal === undefined) {
      this.#settle(call, 'failed')
      return
    }
    this.#held.restore([this.#item(call)])
    this.#rest(refusal)
    if (this.#gate.open) this.#flush()
  }

  #rest(refusal: Refusal): void {
    const { address } = this.#line
    if (refusal === 'demoted' && address !== undefined) {
      this.#gate.hold('connection')
      this.#observe({ kind: 'node-error', at: steadyNow(), address, error: 'refused' })
      for (const sentinel of this.#sentinels) sentinel.ask()
      this.#line.cut()
      return
    }
    if (this.#gate.reasons.includes('refused')) return
    this.#gate.hold('refused')
    this.#world.clock.schedule(Math.min(200, 10 * 2 ** Math.min(this.#rests++, 10)), () => {
      this.#gate.release('refused')
    })
  }

  #lost(): void {
    this.#gate.hold('connection')
    this.#gate.release('silence')
    const again: AnyCall[] = []
    for (const call of this.#inFlight.splice(0)) {
      markLost(call)
      if (call.isSettled) continue
      if (afterLoss(call.name, call.args as string[], false) === 'again') again.push(call)
      else this.#settle(call, 'failed')
    }
    this.#held.restore(again.map((call) => this.#item(call)))
  }

  #settle(call: AnyCall, outcome: Outcome, reply?: number): void {
    ;(call as { isSettled: boolean }).isSettled = true
    this.#world.ledger.settle(call.operation, outcome, reply)
  }

  #lookForSilence(): Appointment {
    const { suspectAfterMs } = this.#options
    const { clock, settings } = this.#world
    return clock.schedule(suspectAfterMs / 4, () => {
      this.#silence = undefined
      const [oldest] = this.#inFlight
      if (oldest === undefined) {
        this.#gate.release('silence')
        return
      }
      const waited = clock.now - Math.max(writtenAt(oldest) ?? clock.now, this.#heardAt)
      if (waited >= suspectAfterMs) this.#gate.hold('silence')
      this.#silence = this.#lookForSilence()
      if (waited >= settings.downAfterMs + 1_000) this.#line.cut()
    })
  }

  #observe(seen: Observation): void {
    this.#knowledge.observed(seen)
    const before = this.#state.topology
    this.#state = reduce(this.#state, seen, this.#policy)
    const { topology } = this.#state
    if (topology.revision !== before.revision) this.#follow(topology)
  }

  #follow(topology: Topology): void {
    const { phase, primary, configEpoch } = topology
    this.#world.note(
      `client ${phase.kind}, primary ${primary === undefined ? 'none' : formatAddress(primary.address)} epoch ${configEpoch}${primary?.confirmed === false ? ' unconfirmed' : ''}`
    )
    this.#knowledge.follows(topology)
    this.#scout.watch(
      phase.kind === 'verifying' ? phase.candidate : phase.kind === 'failover' ? phase.candidate?.address : undefined
    )
    for (const sentinel of this.#sentinels) sentinel.hurry(phase.kind !== 'stable' && phase.kind !== 'unknown')
    if (this.#doubt !== undefined) this.#doubt.cancelled = true
    if (primary?.confirmed === false) {
      const leftMs = primary.since + this.#policy.confirmWithinMs + 1 - steadyNow()
      this.#doubt = this.#world.clock.schedule(leftMs, () => {
        this.#observe({ kind: 'tick', at: steadyNow() })
        for (const sentinel of this.#sentinels) sentinel.ask()
      })
    }
    this.#line.follow()
    this.#hold.follow(topology, steadyNow())
  }
}
