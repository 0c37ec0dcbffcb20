import type { Snapshot } from '../../../src/protocol/parse-reply.js'

/** What a server sends, before it is put into bytes. */
export type Reply =
  | { readonly kind: 'simple'; readonly text: string }
  | { readonly kind: 'bulk'; readonly text: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'null' }
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'list'; readonly items: readonly Reply[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [string, Reply])[] }
  | { readonly kind: 'push'; readonly items: readonly Reply[] }
  /** What the answers to a round of questions come to: for a client that speaks no RESP. */
  | { readonly kind: 'snapshot'; readonly snapshot: Snapshot }
  /** The same for what was published. */
  | { readonly kind: 'published'; readonly channel: string; readonly message: string }

export const OK: Reply = { kind: 'simple', text: 'OK' }
export const NULL: Reply = { kind: 'null' }
export const bulk = (text: string): Reply => ({ kind: 'bulk', text })
export const number = (value: number): Reply => ({ kind: 'number', value })
export const error = (message: string): Reply => ({ kind: 'error', message })
export const list = (items: readonly Reply[]): Reply => ({ kind: 'list', items })
export const texts = (items: readonly string[]): Reply => list(items.map(bulk))
