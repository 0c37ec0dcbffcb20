import { PacedAttempts } from './paced-attempts.js'
import { type ReadEnd, type ReadEntry, type ReadProbeReport, reportReads } from './read-probe-report.js'

export interface ReadProbeOptions {
  /** One read; a rejection counts as failed. To refuse a wrong value, throw. */
  readonly read: () => Promise<unknown>
  /** One read every so many milliseconds, whether the earlier ones were answered or not. Default 5. */
  readonly everyMs?: number
  /** Told each entry when it settles. */
  readonly onSettled?: (entry: ReadEntry) => void
}

const STOP_LIMIT_MS = 60_000

/**
 * Reads at a fixed rate from the moment it is made, and keeps how each read went.
 *
 * @throws RangeError when `everyMs` is not above 0.
 */
export class ReadProbe {
  readonly #reads: PacedAttempts<ReadEnd>

  constructor({ read, everyMs = 5, onSettled }: ReadProbeOptions) {
    this.#reads = new PacedAttempts<ReadEnd>({
      everyMs,
      attempt: read,
      fulfilled: 'ok',
      rejected: () => 'failed',
      onSettled: (_, entry) => onSettled?.(entry)
    })
  }

  /** Every read so far, in the order of issue. */
  get entries(): readonly ReadEntry[] {
    return this.#reads.attempts
  }

  /** How many reads have not settled yet. */
  get outstanding(): number {
    return this.#reads.outstanding
  }

  /** Issues no more and waits until all have settled; those still open after `limitMs` (default 60 000) count as `hung`. */
  async stop(limitMs = STOP_LIMIT_MS): Promise<void> {
    await this.#reads.stop(limitMs)
  }

  report(): ReadProbeReport {
    return reportReads(this.entries)
  }
}
