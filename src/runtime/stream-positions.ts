import type { Arg } from '../routing/arg.js'
import { textOf } from '../routing/arg.js'
import type { GroupReader, StreamRead } from '../routing/stream-reads.js'
import {
  BEFORE_ALL,
  existingIn,
  firstIdIn,
  highestPendingIn,
  idsIn,
  laterId,
  mayBeOfStreams,
  placesOf,
  streamReadOf,
  withIds
} from '../routing/stream-reads.js'
import type { Call } from './call.js'
import { databaseFor, optionsOf } from './call.js'
import { transactionOf } from './transaction.js'

export interface StreamPositionsHost {
  /** A question that the node answers just before this call, which is written next. An answer that is lost, or an error, is not heard of. */
  ask(call: Call, heard: (reply: unknown) => void, name: string, ...args: Arg[]): void
  /** To be sent again. */
  again(call: Call): void
}

/** So many groups of a consumer are remembered. */
const MOST_GROUPS = 1_000

const NEWEST: unique symbol = Symbol('newest')
const GROUP_READ: unique symbol = Symbol('group read')
const LOOKS_BACK: unique symbol = Symbol('looks back')

interface StreamCall extends Call {
  /** What `$` stood for when it was first written, by its place in the arguments. */
  [NEWEST]?: Map<number, string>
  /** Its reply is listened to. */
  [GROUP_READ]?: true
  /** It asks for what is pending for its consumer instead of for new entries: in these places of the arguments. */
  [LOOKS_BACK]?: readonly number[] | undefined
}

/**
 * Where reads of streams go on when they are to be made again. `$` is what it was when the call was made, not what it would be
 * by then. What an XREADGROUP took whose reply was lost is pending for its consumer: it is looked for before more is taken.
 */
export class StreamPositions {
  readonly #host: StreamPositionsHost
  /** By group, consumer and key: no entry before or at this id was given to that consumer without this client knowing of it. The oldest first. */
  readonly #known = new Map<string, string>()

  constructor(host: StreamPositionsHost) {
    this.#host = host
  }

  /** The call is about to be written; `alone`: by itself, not as one of a pipeline. */
  writes(call: StreamCall, alone: boolean): void {
    if (!mayBeOfStreams(call.name)) return
    const args = call.args as Arg[]
    const read = streamReadOf(call.name, args)
    if (read === undefined) {
      this.#forgetClaims(call)
      return
    }
    if (transactionOf(call) !== undefined) {
      // Its reply is part of another.
      if (read.reader !== undefined) this.#forget(call, read.reader, placesOf(read, args, '>').values())
      return
    }
    const asks = alone && read.blocks
    if (read.reader !== undefined) this.#writesGroupRead(call, read, read.reader, asks)
    else if (asks) this.#askNewest(call, read)
  }

  /** It is to be sent again and was not executed, or only waited: `$` is what it was. */
  pin(call: StreamCall): void {
    const newest = call[NEWEST]
    if (newest === undefined || newest.size === 0) return
    call.args = withIds(call.args as Arg[], newest) as Call['args']
    newest.clear()
  }

  /**
   * It was written, and its reply is lost. False when nobody can tell what it may have taken; else it may be sent again, and then
   * looks first for what it took.
   */
  lookBack(call: StreamCall): boolean {
    const args = call.args as Arg[]
    const read = mayBeOfStreams(call.name) ? streamReadOf(call.name, args) : undefined
    if (read?.reader === undefined || read.reader.forgets) return true
    if (call[LOOKS_BACK] !== undefined || optionsOf(call)?.idempotent === true) return true
    const places = placesOf(read, args, '>')
    if (places.size === 0) return true
    const ids = new Map<number, string>()
    for (const [at, key] of places) {
      const known = this.#known.get(nameOf(call, read.reader, key))
      if (known !== undefined) ids.set(at, known)
    }
    if (ids.size < read.count) return false
    call[LOOKS_BACK] = [...ids.keys()]
    call.args = withIds(args, ids) as Call['args']
    return true
  }

  #askNewest(call: StreamCall, read: StreamRead): void {
    const args = call.args as Arg[]
    for (const [at, key] of placesOf(read, args, '$')) {
      const heard = (reply: unknown): void => {
        const id = firstIdIn(reply)
        if (id !== undefined) (call[NEWEST] ??= new Map()).set(at, id)
      }
      this.#host.ask(call, heard, 'xrevrange', key, '+', '-', 'COUNT', '1')
    }
  }

  #writesGroupRead(call: StreamCall, read: StreamRead, reader: GroupReader, asks: boolean): void {
    if (call[GROUP_READ] === undefined) {
      call[GROUP_READ] = true
      this.#listen(call, reader, new Set([...placesOf(read, call.args as Arg[], '>').values()].map(textOf)))
    }
    if (!asks || reader.forgets || call[LOOKS_BACK] !== undefined) return
    for (const key of placesOf(read, call.args as Arg[], '>').values()) {
      const heard = (reply: unknown): void => {
        const highest = highestPendingIn(reply)
        if (highest !== undefined) this.#note(nameOf(call, reader, key), highest)
      }
      this.#host.ask(call, heard, 'xpending', key, reader.group)
    }
  }

  /** `taken`: the keys of which new entries are asked. */
  #listen(call: StreamCall, reader: GroupReader, taken: ReadonlySet<string>): void {
    const { resolve } = call
    call.resolve = (reply) => {
      const places = call[LOOKS_BACK]
      call[LOOKS_BACK] = undefined
      for (const [key, ids] of idsIn(reply)) if (taken.has(key)) this.#noteGiven(nameOf(call, reader, key), ids)
      const found: unknown = places === undefined ? reply : existingIn(reply)
      if (places === undefined || found !== undefined || reply === null || call.isSettled) {
        resolve(found ?? reply)
        return
      }
      call.args = withIds(call.args as Arg[], new Map(places.map((at) => [at, '>']))) as Call['args']
      this.#host.again(call)
    }
  }

  #forgetClaims(call: StreamCall): void {
    const lower = call.name.toLowerCase()
    if (lower !== 'xclaim' && lower !== 'xautoclaim') return
    const [key, group, consumer] = call.args as Arg[]
    if (key !== undefined && group !== undefined && consumer !== undefined)
      this.#forget(call, { group, consumer, forgets: false }, [key])
  }

  #forget(call: StreamCall, reader: GroupReader, keys: Iterable<Arg>): void {
    for (const key of keys) this.#known.delete(nameOf(call, reader, key))
  }

  #noteGiven(name: string, ids: readonly string[]): void {
    const last = ids.at(-1)
    if (last !== undefined) this.#note(name, laterId(this.#known.get(name) ?? BEFORE_ALL, last))
  }

  #note(name: string, id: string): void {
    this.#known.delete(name)
    this.#known.set(name, id)
    const [oldest] = this.#known.keys()
    if (this.#known.size > MOST_GROUPS && oldest !== undefined) this.#known.delete(oldest)
  }
}

function nameOf(call: Call, { group, consumer }: GroupReader, key: Arg): string {
  return JSON.stringify([databaseFor(call), textOf(group), textOf(consumer), textOf(key)])
}
