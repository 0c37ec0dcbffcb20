import type { Address } from '../protocol/address.js'
import type { SentinelEvent } from '../protocol/parse-event.js'
import type { Snapshot } from '../protocol/parse-reply.js'

/**
 * Something that this client saw or was told. `at` is milliseconds since 1970 by the client's clock; `from` is a sentinel's
 * `host:port` as this client reaches it.
 */
export type Observation =
  /** A sentinel is to be asked; until it answers or fails, a start waits for it. */
  | { readonly kind: 'sentinel-added'; readonly at: number; readonly from: string }
  | { readonly kind: 'sentinel-lost'; readonly at: number; readonly from: string; readonly reason: string }
  /** It is no longer one of the sentinels that this client talks to. */
  | { readonly kind: 'sentinel-removed'; readonly at: number; readonly from: string }
  | { readonly kind: 'snapshot'; readonly at: number; readonly from: string; readonly snapshot: Snapshot }
  | { readonly kind: 'event'; readonly at: number; readonly from: string; readonly event: SentinelEvent }
  /** A node was asked for its role, after whatever made this client ask. */
  | { readonly kind: 'role'; readonly at: number; readonly address: Address; readonly role: 'primary' | 'replica' }
  /** `link-lost`: the connection broke or could not be made. `refused`: it answered READONLY. */
  | {
      readonly kind: 'node-error'
      readonly at: number
      readonly address: Address
      readonly error: 'link-lost' | 'refused'
    }
  /** Time passed. */
  | { readonly kind: 'tick'; readonly at: number }
