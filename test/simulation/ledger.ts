import type { Channel } from './world/channel.js'
import type { SimNode } from './world/node.js'
import type { World } from './world/world.js'

/** What must hold in every schedule. docs/reliability.md says them in full. */
export type Rule = 'epoch' | 'fence' | 'once' | 'settle' | 'flow' | 'order' | 'acked' | 'truth' | 'rest'

export interface Violation {
  readonly rule: Rule
  readonly at: number
  readonly what: string
}

export interface Operation {
  readonly number: number
  readonly key: string
  /** Two effects are as good as one. */
  readonly repeatable: boolean
  readonly issuedAt: number
  /** Of all executions, in order. `count`: the world's count of them, which is the reply to RPUSH. `copy`: how often the node had taken over another's data. */
  readonly executions: { readonly count: number; readonly node: SimNode; readonly copy: number }[]
  refused: boolean
  outcome: Outcome | undefined
}

/** `unexecuted`: the caller was told that it certainly was not executed. `failed`: that nobody knows, or an error. */
export type Outcome = 'acked' | 'unexecuted' | 'failed'

/** A sweep every 50 ms, and the time that a promise takes to be heard of. */
const SETTLE_SLACK_MS = 150

/** All writes of the client, what the nodes did with them, and what that breaks. */
export class Ledger {
  readonly operations: Operation[] = []
  readonly violations: Violation[] = []
  executions = 0
  /** Writes that a node held and was made to forget by a crash. */
  readonly forgotten = new Set<number>()
  readonly #world: World
  readonly #lastOn = new WeakMap<Channel, number>()
  #highestAcked = 0
  unsettled = 0
  acked = 0
  unknown = 0
  /** Acknowledged, and not in the history that survives. */
  lost = 0

  constructor(world: World) {
    this.#world = world
  }

  violate(rule: Rule, what: string): void {
    const { now } = this.#world.clock
    this.violations.push({ rule, at: now, what })
    this.#world.note(`VIOLATION of ${rule}: ${what}`)
  }

  keyOf(number: number): string | undefined {
    return this.operations[number - 1]?.key
  }

  /** The client issues a write. */
  issue(key: string, repeatable: boolean, deadlineMs: number): Operation {
    const { clock } = this.#world
    const operation: Operation = {
      number: this.operations.length + 1,
      key,
      repeatable,
      issuedAt: clock.now,
      executions: [],
      refused: false,
      outcome: undefined
    }
    this.operations.push(operation)
    this.unsettled += 1
    clock.schedule(deadlineMs + SETTLE_SLACK_MS, () => {
      if (operation.outcome === undefined)
        this.violate('settle', `w${operation.number} is not settled ${deadlineMs} ms after it was issued`)
    })
    return operation
  }

  /** The client's promise has settled. `reply`: what RPUSH answered. */
  settle(operation: Operation, outcome: Outcome, reply?: unknown): void {
    if (operation.outcome !== undefined) {
      this.violate('truth', `w${operation.number} is settled twice`)
      return
    }
    operation.outcome = outcome
    this.unsettled -= 1
    this.#world.note(`w${operation.number} ${outcome}`)
    if (outcome === 'failed') this.unknown += 1
    if (outcome === 'unexecuted' && operation.executions.length > 0)
      this.violate('truth', `w${operation.number} was said not to be executed, and was`)
    if (outcome !== 'acked') return
    this.acked += 1
    this.#highestAcked = Math.max(this.#highestAcked, operation.number)
    if (operation.executions.length === 0)
      this.violate('acked', `w${operation.number} was acknowledged, and no node executed it`)
    else if (typeof reply === 'number' && !operation.executions.some(({ count }) => count === reply))
      this.violate('acked', `w${operation.number} got the reply of another`)
  }

  refuse(number: number): void {
    const operation = this.operations[number - 1]
    if (operation !== undefined) operation.refused = true
  }

  /** A node executed a write that came in on this connection. */
  executed(number: number, node: SimNode, channel: Channel): void {
    const operation = this.operations[number - 1]
    if (operation === undefined) throw new Error(`w${number} was never issued`)
    this.executions += 1
    operation.executions.push({ count: this.executions, node, copy: node.copy })
    this.#world.note(`${node.name} executes w${number}`)
    if (!operation.repeatable && operation.executions.length > 1)
      this.violate('once', `w${number} was executed ${operation.executions.length} times`)
    if (operation.outcome === 'unexecuted')
      this.violate('truth', `w${number} was executed after it was said not to have been`)
    const before = this.#lastOn.get(channel) ?? 0
    this.#lastOn.set(channel, Math.max(before, number))
    if (operation.refused || !channel.open) return
    if (before > number) this.violate('order', `w${number} was executed behind w${before} on one connection`)
    else if (operation.executions.length === 1 && this.#highestAcked > number)
      this.violate('order', `w${number} was executed after w${this.#highestAcked} was acknowledged`)
  }

  /** At the end: every acknowledged write is in the history that survives, or was lost by the servers. */
  closeBooks(): void {
    const survivor = this.#world.ruler
    const held = new Set(survivor.log)
    for (const { number, outcome, executions } of this.operations) {
      if (outcome !== 'acked' || held.has(number)) continue
      this.lost += 1
      // Another node's write that was not replicated, or one that a resynchronisation or a crash took away.
      const explained =
        this.forgotten.has(number) || executions.every(({ node, copy }) => node !== survivor || copy !== survivor.copy)
      if (!explained) this.violate('acked', `w${number} was acknowledged by the node that survives, and is gone`)
    }
  }
}
