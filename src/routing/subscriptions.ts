import type { Arg } from './arg.js'
import { textOf } from './arg.js'

/** By the command that makes them. */
export const SUBSCRIPTION_KINDS = ['subscribe', 'psubscribe', 'ssubscribe'] as const

export type SubscriptionKind = (typeof SUBSCRIPTION_KINDS)[number]

/** The command that ends them. */
export const UNDONE_BY: Readonly<Record<SubscriptionKind, string>> = {
  subscribe: 'unsubscribe',
  psubscribe: 'punsubscribe',
  ssubscribe: 'sunsubscribe'
}

/** A command that begins or ends subscriptions. */
export interface SubscriptionChange {
  readonly kind: SubscriptionKind
  readonly begins: boolean
  /** Undefined: all there are of that kind. */
  readonly names: readonly string[] | undefined
}

/** Undefined for any other command. */
export function subscriptionChangeOf(name: string, args: readonly Arg[]): SubscriptionChange | undefined {
  const lower = name.toLowerCase()
  for (const kind of SUBSCRIPTION_KINDS) {
    const begins = lower === kind
    if (!begins && lower !== UNDONE_BY[kind]) continue
    return { kind, begins, names: begins || args.length > 0 ? args.map(textOf) : undefined }
  }
  return undefined
}

/** What is subscribed to: channels, patterns and shard channels. */
export class Subscriptions {
  readonly #names: Readonly<Record<SubscriptionKind, Set<string>>> = {
    subscribe: new Set(),
    psubscribe: new Set(),
    ssubscribe: new Set()
  }

  get isEmpty(): boolean {
    return SUBSCRIPTION_KINDS.every((kind) => this.#names[kind].size === 0)
  }

  names(kind: SubscriptionKind): readonly string[] {
    return [...this.#names[kind]]
  }

  has(kind: SubscriptionKind, name: string): boolean {
    return this.#names[kind].has(name)
  }

  /** What the server answers to a change of this kind: channels and patterns are counted together (redis `pubsub.c` clientSubscriptionsCount()). */
  count(kind: SubscriptionKind): number {
    const { subscribe, psubscribe, ssubscribe } = this.#names
    return kind === 'ssubscribe' ? ssubscribe.size : subscribe.size + psubscribe.size
  }

  add(kind: SubscriptionKind, names: readonly string[]): void {
    for (const name of names) this.#names[kind].add(name)
  }

  delete(kind: SubscriptionKind, names: readonly string[]): void {
    for (const name of names) this.#names[kind].delete(name)
  }

  addAll(others: Subscriptions): void {
    for (const kind of SUBSCRIPTION_KINDS) this.add(kind, others.names(kind))
  }

  clear(): void {
    for (const kind of SUBSCRIPTION_KINDS) this.#names[kind].clear()
  }

  copy(): Subscriptions {
    const copy = new Subscriptions()
    copy.addAll(this)
    return copy
  }
}
