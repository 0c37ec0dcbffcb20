import { AbortedError, ConflictError, DeadlineError } from '../../errors.js'
import type { ConflictReason, ErrorContext, Stage, UnknownOutcomeError } from '../../errors.js'
import { backoffMs, pause } from '../backoff.js'
import type { CallOptions } from '../call.js'
import { LONGEST_TIMER_MS } from '../../options/longest-timer.js'

const FIRST_BACKOFF_MS = 2
const LONGEST_BACKOFF_MS = 100
const MOST_KEYS_TOLD = 100

/** What a callback came to. `ended`: it was not waited for, since the transaction was over. */
export type Ran<Result> =
  | { readonly kind: 'returned'; readonly value: Result }
  | { readonly kind: 'threw'; readonly error: unknown }
  | { readonly kind: 'ended' }

export interface ProgressHost {
  readonly group: string
  /** The deadline of a call that sets none. */
  readonly deadlineMs: number
  phase(): string
}

/** How far one transaction() has come, over all of its runs: when it is run again, and when and how it is given up. */
export class Progress {
  readonly #host: ProgressHost
  readonly #attempts: number
  readonly #options: CallOptions
  readonly #deadlineMs: number
  readonly #since = performance.now()
  readonly #ended = new AbortController()
  readonly #timer: NodeJS.Timeout | undefined
  #conflicts = 0
  #lostRuns = 0
  /** Of a run that may have been executed, and was made again since that is harmless. */
  #unknown: UnknownOutcomeError | undefined
  /** Nothing of it runs any more. */
  over = false

  constructor(host: ProgressHost, attempts: number, options: CallOptions) {
    this.#host = host
    this.#attempts = attempts
    this.#options = options
    this.#deadlineMs = options.deadlineMs ?? host.deadlineMs
    if (this.#deadlineMs !== Infinity)
      this.#timer = setTimeout(
        () => {
          this.#ended.abort(this.#deadlineError('queued', 'nothing was executed'))
        },
        Math.min(this.#deadlineMs, LONGEST_TIMER_MS)
      )
    const { signal } = options
    if (signal?.aborted === true) this.#aborted()
    else signal?.addEventListener('abort', this.#aborted, { once: true })
  }

  /** Aborted at the deadline, by the caller's signal, and at the end of the client; its reason is the error to end in when nothing was executed. */
  get ended(): AbortSignal {
    return this.#ended.signal
  }

  get idempotent(): boolean {
    return this.#options.idempotent === true
  }

  /** What holds for EXEC alone. */
  get atExec(): CallOptions {
    const { durability, signal } = this.#options
    return { ...(durability !== undefined && { durability }), ...(signal !== undefined && { signal }) }
  }

  /** The client is ended. */
  close(error: Error): void {
    this.#ended.abort(error)
  }

  leftMs(): number {
    return Math.max(1, this.#deadlineMs - (performance.now() - this.#since))
  }

  /** A run was for nothing, and nobody was in its way: the deadline alone bounds how often. */
  lost(): void {
    this.#lostRuns += 1
  }

  /** Throws ConflictError when this was the last attempt. */
  conflicted(keys: readonly string[]): void {
    this.#conflicts += 1
    if (this.#conflicts >= this.#attempts) throw this.conflictError('changed', keys, this.#conflicts)
  }

  /** A run may have been executed, and another one does no harm. */
  unknown(error: UnknownOutcomeError): void {
    this.#unknown = error
  }

  async beforeNext(): Promise<void> {
    if (this.#conflicts > 0)
      await pause(backoffMs(this.#conflicts - 1, FIRST_BACKOFF_MS, LONGEST_BACKOFF_MS), this.ended)
  }

  /** What the callback comes to, unless the transaction ends before. */
  run<Result>(callback: () => Promise<Result>): Promise<Ran<Result>> {
    return new Promise((resolve) => {
      const ended = (): void => {
        resolve({ kind: 'ended' })
      }
      this.ended.addEventListener('abort', ended, { once: true })
      callback()
        .then(
          (value) => {
            resolve({ kind: 'returned', value })
          },
          (error: unknown) => {
            resolve({ kind: 'threw', error })
          }
        )
        .finally(() => {
          this.ended.removeEventListener('abort', ended)
        })
    })
  }

  end(): void {
    this.over = true
    clearTimeout(this.#timer)
    this.#options.signal?.removeEventListener('abort', this.#aborted)
  }

  /** The error of a run that is made again, or of the last one. */
  conflictError(reason: ConflictReason, keys: readonly string[], attempts = this.#conflicts + 1): ConflictError {
    const message =
      reason === 'changed'
        ? `one of the watched keys (${namesOf(keys)}) was changed before EXEC, in ${attempts} of ${this.#attempts} runs that are allowed: nothing was executed. When others write there all the time, watch less, or allow more: transaction(…, { attempts })`
        : `the connection by which keys were watched (${namesOf(keys)}) was lost before EXEC: nothing was executed, and the callback is run again`
    return new ConflictError(`transaction(): ${message}`, {
      ...this.#context('queued'),
      reason,
      keys: keys.slice(0, MOST_KEYS_TOLD),
      attempts
    })
  }

  /** It ended, by its deadline or signal, or with the client, when EXEC had been executed and the callback went on. */
  endedAfterExec(): Error {
    const what = 'EXEC was executed, and the callback had not ended'
    const reason = this.ended.reason as Error
    if (reason instanceof AbortedError) return this.#abortedError('in-flight', what)
    if (reason instanceof DeadlineError) return this.#deadlineError('in-flight', what)
    return new Error(`transaction(): ${reason.message} ${what}`, { cause: reason })
  }

  /** What a transaction that ends in this error is to end in: one of its runs may have been executed. */
  last(error: unknown): unknown {
    const nothing = error instanceof ConflictError || error === this.ended.reason
    return nothing && this.#unknown !== undefined ? this.#unknown : error
  }

  readonly #aborted = (): void => {
    this.#ended.abort(this.#abortedError('queued', 'nothing was executed'))
  }

  #abortedError(stage: Stage, what: string): AbortedError {
    return new AbortedError(`transaction() was aborted by its signal: ${what}`, {
      ...this.#context(stage),
      cause: this.#options.signal?.reason
    })
  }

  #deadlineError(stage: Stage, what: string): DeadlineError {
    const runs = [
      ...(this.#conflicts > 0 ? [`${this.#conflicts} runs ended in a conflict`] : []),
      ...(this.#lostRuns > 0 ? [`${this.#lostRuns} lost their connection`] : [])
    ]
    const history = runs.length > 0 ? ` (${runs.join(', ')})` : ''
    return new DeadlineError(`transaction() did not finish within ${this.#deadlineMs} ms: ${what}${history}`, {
      ...this.#context(stage),
      deadlineMs: this.#deadlineMs
    })
  }

  #context(stage: Stage): ErrorContext {
    return { group: this.#host.group, stage, phase: this.#host.phase(), command: 'exec' }
  }
}

function namesOf(keys: readonly string[]): string {
  const shown = keys.slice(0, 3).map((key) => JSON.stringify(key.length > 40 ? `${key.slice(0, 40)}…` : key))
  const more = keys.length - shown.length
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
