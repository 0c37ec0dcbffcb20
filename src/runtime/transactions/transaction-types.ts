import type { ChainableCommander, Redis } from 'ioredis'
import type { ReplyForm, ReplyMapping } from '../../options/reply-mapping.js'
import type { TransactionRead } from '../../routing/transaction-rules.js'

/** The reads of ioredis, with their `…Buffer` forms, and `call` for commands that ioredis does not know and `readOnlyCommands` names. */
type Reads<Mapping extends ReplyMapping> = Pick<
  Redis<Mapping>,
  Extract<keyof Redis, TransactionRead | `${TransactionRead}Buffer` | 'call' | 'callBuffer'>
>

/**
 * What the callback of `transaction()` is given: the transaction's own connection to the primary. It is good until the callback
 * has ended, or its `exec()` was called.
 */
export interface Transaction<Mapping extends ReplyMapping = 'legacy'> extends Reads<Mapping> {
  /**
   * Watches keys that are relied on and not read by `tx` itself: when one is changed before EXEC, nothing is executed and the
   * callback runs again. Keys that are read by `tx` are watched without it.
   */
  watch(...keys: (string | Buffer)[]): Promise<'OK'>
  watch(keys: readonly (string | Buffer)[]): Promise<'OK'>
  /**
   * The writes, as ioredis's `multi()`: they are sent together by `exec()`, once a run, which resolves with an error or a result for
   * each, and never with null: when a watched key was changed it rejects with ConflictError, which the callback should let pass.
   */
  multi(commands?: unknown[][]): ChainableCommander<ReplyForm<Mapping>>
}

export interface TransactionOptions {
  /** How many runs may end in a conflict before it rejects with ConflictError: a whole number from 1, or Infinity. Default 32. */
  readonly attempts?: number | undefined
}
