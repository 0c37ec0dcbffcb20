import type { Attempt, LedgerEntry } from 'ioredis-sentinel/testkit'
import type { ClientName } from './catalogue.js'

/** What a lane tells the process of a measured client. */
export type ToClient =
  | {
      readonly kind: 'open'
      readonly client: ClientName
      readonly name: string
      readonly sentinels: readonly { readonly host: string; readonly port: number }[]
    }
  | { readonly kind: 'go' }
  /** Read by the command that is counted apart from now on. */
  | { readonly kind: 'apart' }
  /** Issue no more; what has not settled after `limitMs` is hung. */
  | { readonly kind: 'stop'; readonly limitMs: number }

export interface Progress {
  readonly acked: number
  readonly readsOk: number
}

/** Entries as they travel: of an error only what it is counted under. */
export type Sent<Entry extends Attempt<string>> = Omit<Entry, 'error'> & { readonly code?: string }

export type FromClient =
  | { readonly kind: 'up' }
  | { readonly kind: 'open' }
  | { readonly kind: 'apart' }
  | ({ readonly kind: 'progress' } & Progress)
  | {
      readonly kind: 'result'
      readonly writes: readonly Sent<LedgerEntry>[]
      readonly reads: readonly Sent<Attempt<'ok' | 'failed'>>[]
    }
  | { readonly kind: 'trouble'; readonly message: string }

export const LEDGER_KEY = 'ledger'
export const READ_KEY = 'constant'
export const READ_VALUE = 'here'
export const EVERY_MS = 5
/** The commands that read it, as the servers count them: one before a replica is healed, and another one from then on. */
export const READ_COMMANDS = { usual: 'get', apart: 'getrange' } as const
/** SET has no list: a key for each id. */
export const keyOf = (id: string): string => `${LEDGER_KEY}:${id}`
