import type { AnyRedis } from './any-redis.js'
import type { HedgeLimits } from '../options/values.js'
import { afterReading } from './after-reading.js'
import type { Call } from './call.js'
import { hedgedTo, sequenceOf, writtenAt } from './call.js'
import type { InFlight } from './ioredis-internals.js'
import { inFlightAt, inFlightCount } from './ioredis-internals.js'

export interface LateHandler {
  /** These reads wait for longer than most do. `quiet`: the node has said nothing at all for as long. */
  onLate(items: readonly InFlight[], quiet: boolean): void
  /** It became quiet, or spoke again. */
  onChange(): void
}

/**
 * Notices reads that a replica answers later than it usually does: long before it would be taken for silent, and early enough to ask
 * another node without being late. It looks only while reads are in flight.
 */
export class LateWatch {
  readonly #redis: AnyRedis
  readonly #limits: HedgeLimits
  readonly #usualMs: () => number | undefined
  readonly #heardAt: () => number
  readonly #handler: LateHandler
  #callOff: (() => void) | undefined
  #quiet = false

  /** `usualMs`: how long all but the slowest answers take, once that is known. */
  constructor(
    redis: AnyRedis,
    limits: HedgeLimits,
    usualMs: () => number | undefined,
    heardAt: () => number,
    handler: LateHandler
  ) {
    this.#redis = redis
    this.#limits = limits
    this.#usualMs = usualMs
    this.#heardAt = heardAt
    this.#handler = handler
  }

  /** Reads wait, and it has said nothing for longer than it usually takes. */
  get quiet(): boolean {
    return this.#quiet
  }

  /** The node has said something. */
  heard(): void {
    if (this.#quiet) this.#setQuiet(false)
  }

  /** A read was written. */
  expectAnswer(): void {
    if (this.#callOff === undefined) this.#lookIn(this.#delayMs())
  }

  reset(): void {
    this.#callOff?.()
    this.#callOff = undefined
    this.#quiet = false
  }

  #delayMs(): number {
    const { minMs, maxMs } = this.#limits
    return Math.min(maxMs, Math.max(minMs, this.#usualMs() ?? maxMs))
  }

  #lookIn(ms: number): void {
    this.#callOff = afterReading(ms, this.#limits.minMs / 2, () => {
      this.#look()
    })
  }

  #look(): void {
    this.#callOff = undefined
    const now = performance.now()
    const delayMs = this.#delayMs()
    const late: InFlight[] = []
    let next = delayMs
    const count = inFlightCount(this.#redis)
    for (let index = 0; index < count; index++) {
      const item = inFlightAt(this.#redis, index)
      const call = item?.command as Call | undefined
      if (item === undefined || call === undefined || call.isSettled || sequenceOf(call) === 0) continue
      // Another node has been asked since, and is watched there.
      if ((hedgedTo(call) ?? this.#redis) !== this.#redis) continue
      const waited = now - (writtenAt(call) ?? now)
      if (waited < delayMs) {
        next = delayMs - waited
        break
      }
      late.push(item)
    }
    if (late.length > 0) {
      const quietInMs = this.#heardAt() + Math.max(delayMs, this.#usualMs() ?? 0) - now
      const quiet = quietInMs <= 0
      if (quiet && !this.#quiet) this.#setQuiet(true)
      this.#handler.onLate(late, quiet)
      // Those for which the budget had nothing left are asked elsewhere as soon as it is quiet.
      if (!quiet) next = Math.min(next, quietInMs)
    }
    if (count > 0) this.#lookIn(Math.max(1, next))
  }

  #setQuiet(quiet: boolean): void {
    this.#quiet = quiet
    this.#handler.onChange()
  }
}
