import type { Command } from 'ioredis'
import type { SubscriptionGap } from '../events.js'
import type { Address } from '../protocol/address.js'
import { SUBSCRIPTION_KINDS as KINDS, UNDONE_BY } from '../routing/subscriptions.js'
import type { SubscriptionKind as Kind } from '../routing/subscriptions.js'
import type { SubscriptionNames } from './ioredis-internals.js'
import { steadyNow } from './steady-now.js'

interface OpenGap {
  readonly from: Address
  readonly fromAt: number
  readonly lost: Readonly<Record<Kind, Set<string>>>
  /** Those of them that are not subscribed to anew yet. */
  readonly missing: Readonly<Record<Kind, Set<string>>>
}

/**
 * Notices when subscriptions are lost with their connection and when they are all there again: what was published in between is
 * missing, and nobody else can tell.
 */
export class SubscriptionGaps {
  readonly #report: (gap: SubscriptionGap) => void
  readonly #at: () => Address | undefined
  #gap: OpenGap | undefined
  /** Read on every command. */
  open = false

  /** `at`: the node that the connection leads to. */
  constructor(report: (gap: SubscriptionGap) => void, at: () => Address | undefined) {
    this.#report = report
    this.#at = at
  }

  /**
   * The connection broke, and with it these subscriptions, which will be made anew. What arrived on it before, `heardAt` by steadyNow(),
   * was published while it was well.
   */
  lost(names: SubscriptionNames, heardAt: number, from: Address): void {
    if (KINDS.every((kind) => names[kind].length === 0)) return
    this.#gap ??= { from, fromAt: heardAt, lost: emptySets(), missing: emptySets() }
    this.open = true
    for (const kind of KINDS) {
      for (const name of names[kind]) {
        this.#gap.lost[kind].add(name)
        this.#gap.missing[kind].add(name)
      }
    }
  }

  /** A command of any kind is issued while there is a gap. */
  issued(command: Command): void {
    const name = command.name.toLowerCase()
    const subscribes = KINDS.find((kind) => kind === name)
    if (subscribes !== undefined) {
      const names = command.args.map(String)
      command.promise.then(
        () => {
          this.#settle(subscribes, names, true)
        },
        () => {
          this.#settle(subscribes, names, false)
        }
      )
      return
    }
    const leaves = KINDS.find((kind) => name === UNDONE_BY[kind])
    if (leaves === undefined || this.#gap === undefined) return
    const names = command.args.length === 0 ? [...this.#gap.lost[leaves]] : command.args.map(String)
    this.#settle(leaves, names, false)
  }

  /** The client ends. */
  end(): void {
    this.#gap = undefined
    this.open = false
  }

  /** These are subscribed to again; or they never will be, since the caller no longer wants them or the server refuses. */
  #settle(kind: Kind, names: readonly string[], restored: boolean): void {
    const gap = this.#gap
    if (gap === undefined) return
    for (const name of names) {
      gap.missing[kind].delete(name)
      if (!restored) gap.lost[kind].delete(name)
    }
    if (KINDS.some((one) => gap.missing[one].size > 0)) return
    this.end()
    if (KINDS.every((one) => gap.lost[one].size === 0)) return
    const untilAt = steadyNow()
    const { lost, fromAt, from } = gap
    this.#report({
      channels: [...lost.subscribe],
      patterns: [...lost.psubscribe],
      shardChannels: [...lost.ssubscribe],
      fromAt,
      untilAt,
      lengthMs: untilAt - fromAt,
      from,
      to: this.#at() ?? from
    })
  }
}

function emptySets(): Record<Kind, Set<string>> {
  return { subscribe: new Set(), psubscribe: new Set(), ssubscribe: new Set() }
}
