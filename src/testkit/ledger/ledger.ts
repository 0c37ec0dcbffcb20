import { errorCode } from './error-code.js'
import { compareLedger, type LedgerEntry, type LedgerReport, type WriteEnd } from './ledger-report.js'
import { type Attempt, PacedAttempts } from './paced-attempts.js'

export interface LedgerOptions {
  /** Writes one id, for example `(id) => redis.rpush('ledger', id)`. */
  readonly write: (id: string) => Promise<unknown>
  /** One write every so many milliseconds, whether the earlier ones were answered or not. Default 5. */
  readonly everyMs?: number
  /** Ids are this and a number of 8 digits. Give each of several ledgers of one list its own. Default `w`. */
  readonly prefix?: string
  /** Told each entry when it settles. */
  readonly onSettled?: (entry: LedgerEntry) => void
}

const STOP_LIMIT_MS = 60_000

/**
 * Writes unique, ordered ids at a fixed rate from the moment it is made, and keeps what became of each. Held against the
 * data at the end it tells what was lost, doubled or reordered.
 *
 * @throws RangeError when `everyMs` is not above 0.
 */
export class Ledger {
  readonly #prefix: string
  readonly #writes: PacedAttempts<WriteEnd>

  constructor({ write, everyMs = 5, prefix = 'w', onSettled }: LedgerOptions) {
    this.#prefix = prefix
    this.#writes = new PacedAttempts<WriteEnd>({
      everyMs,
      attempt: (index) => write(this.#id(index)),
      fulfilled: 'acked',
      rejected: (error) => (errorCode(error) === 'UNKNOWN_OUTCOME' ? 'unknown' : 'failed'),
      onSettled: (index, attempt) => onSettled?.(this.#entry(attempt, index))
    })
  }

  /** Every write so far, in the order of issue. */
  get entries(): readonly LedgerEntry[] {
    return this.#writes.attempts.map((attempt, index) => this.#entry(attempt, index))
  }

  /** How many writes have not settled yet. */
  get outstanding(): number {
    return this.#writes.outstanding
  }

  /** Issues no more and waits until all have settled; those still open after `limitMs` (default 60 000) count as `hung`. */
  async stop(limitMs = STOP_LIMIT_MS): Promise<void> {
    await this.#writes.stop(limitMs)
  }

  /** Holds the entries against the data, for example `await redis.lrange('ledger', 0, -1)`. To be called after `stop()`. */
  compare(finalList: readonly string[]): LedgerReport {
    return compareLedger(this.entries, finalList)
  }

  #entry(attempt: Attempt<WriteEnd>, index: number): LedgerEntry {
    return { id: this.#id(index), ...attempt }
  }

  #id(index: number): string {
    return `${this.#prefix}${String(index).padStart(8, '0')}`
  }
}
