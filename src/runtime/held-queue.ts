import type { Call } from './call.js'
import { sequenceOf } from './call.js'

export interface HeldCall {
  readonly command: Call
  /** When it began to wait, by performance.now(). */
  readonly since: number
  readonly bytes: number
  /** A member of a transaction that is sent anew: it goes out again even though its own first reply has been given. */
  readonly replay: boolean
}

/** So many that have left are forgotten at once. */
const COMPACT_AT = 4_096

/** Calls that wait for a primary, in the order in which they were issued. Bounded by number and bytes. */
export class HeldQueue {
  readonly #most: number
  readonly #mostBytes: number
  /** Those before the head have left. */
  #items: (HeldCall | undefined)[] = []
  #head = 0
  #bytes = 0

  constructor(most: number, mostBytes: number) {
    this.#most = most
    this.#mostBytes = mostBytes
  }

  get length(): number {
    return this.#items.length - this.#head
  }

  get bytes(): number {
    return this.#bytes
  }

  hasRoomFor(bytes: number): boolean {
    return this.length < this.#most && this.#bytes + bytes <= this.#mostBytes
  }

  /** At the end, but for one that comes from elsewhere and was issued before others that wait. */
  push(item: HeldCall): void {
    const last = this.#items.at(-1)
    if (last !== undefined && sequenceOf(last.command) > sequenceOf(item.command)) {
      this.restore([item])
      return
    }
    this.#items.push(item)
    this.#bytes += item.bytes
  }

  /** Puts calls back that were already sent: each to its place by order of issue. They were admitted once, so no bound applies. */
  restore(items: readonly HeldCall[]): void {
    for (const item of items) this.#bytes += item.bytes
    // Refusals come one by one, in thousands if there is a long pipeline of them: a search for each, not a sort.
    const [only] = items
    if (only !== undefined && items.length === 1) this.#items.splice(this.#placeOf(only), 0, only)
    else if (items.length > 1) {
      this.#items = [...items, ...this].sort((a, b) => sequenceOf(a.command) - sequenceOf(b.command))
      this.#head = 0
    }
  }

  shift(): HeldCall | undefined {
    const item = this.#items[this.#head]
    if (item === undefined) return undefined
    // A large value must not be kept until so many have left, or the next one waits.
    this.#items[this.#head] = undefined
    this.#head += 1
    this.#bytes -= item.bytes
    if (this.#head === this.#items.length || this.#head > COMPACT_AT) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return item
  }

  /** Takes out the first that `fits` says yes to. */
  take(fits: (item: HeldCall) => boolean): HeldCall | undefined {
    for (let at = this.#head; at < this.#items.length; at++) {
      const item = this.#items[at] as HeldCall
      if (!fits(item)) continue
      this.#items.splice(at, 1)
      this.#bytes -= item.bytes
      return item
    }
    return undefined
  }

  /** Takes out all that `gone` says yes to. */
  remove(gone: (item: HeldCall) => boolean): HeldCall[] {
    const taken: HeldCall[] = []
    const kept: HeldCall[] = []
    for (let i = this.#head; i < this.#items.length; i++) {
      const item = this.#items[i] as HeldCall
      if (gone(item)) {
        taken.push(item)
        this.#bytes -= item.bytes
      } else kept.push(item)
    }
    if (taken.length > 0) {
      this.#items = kept
      this.#head = 0
    }
    return taken
  }

  *[Symbol.iterator](): Generator<HeldCall, void> {
    for (let i = this.#head; i < this.#items.length; i++) yield this.#items[i] as HeldCall
  }

  /** The index of the first that was issued later. */
  #placeOf({ command }: HeldCall): number {
    const sequence = sequenceOf(command)
    let [low, high] = [this.#head, this.#items.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (sequenceOf((this.#items[middle] as HeldCall).command) < sequence) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** The size of a command's arguments, as far as it can be told without encoding them. */
export function sizeOf(command: Call): number {
  let bytes = command.name.length
  for (const arg of command.args) bytes += typeof arg === 'string' || Buffer.isBuffer(arg) ? arg.length : 8
  return bytes
}
