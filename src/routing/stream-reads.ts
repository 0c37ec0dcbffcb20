import type { Arg } from './arg.js'
import { textOf, wordOf } from './arg.js'
import { blockOptionAt } from './blocking.js'

/** A call of XREAD or XREADGROUP, taken apart. */
export interface StreamRead {
  /** Where its keys begin in the arguments; the ids follow, one a key. */
  readonly keysAt: number
  readonly count: number
  readonly blocks: boolean
  /** Of XREADGROUP. */
  readonly reader: GroupReader | undefined
}

export interface GroupReader {
  readonly group: Arg
  readonly consumer: Arg
  /** What is delivered does not stay pending. */
  readonly forgets: boolean
}

const LETTER_X = 0x78
const TO_LOWER_CASE = 0x20

/** Whether it is about streams at all. Asked of every command, so nearly all are told by one letter. */
export function mayBeOfStreams(name: string): boolean {
  return (name.charCodeAt(0) | TO_LOWER_CASE) === LETTER_X
}

/** Undefined for any other command, and for arguments that the server refuses. */
export function streamReadOf(name: string, args: readonly Arg[]): StreamRead | undefined {
  const lower = name.toLowerCase()
  if (lower !== 'xread' && lower !== 'xreadgroup') return undefined
  let forgets = false
  let groupAt: number | undefined
  for (let at = 0; at < args.length; at += 1) {
    const word = wordOf(args[at])
    if (word === 'GROUP') {
      groupAt = at
      at += 2
    } else if (word === 'COUNT' || word === 'BLOCK') at += 1
    else if (word === 'NOACK') forgets = true
    else if (word === 'STREAMS') {
      const count = (args.length - at - 1) / 2
      const [group, consumer] = groupAt === undefined ? [] : [args[groupAt + 1], args[groupAt + 2]]
      const reader = group === undefined || consumer === undefined ? undefined : { group, consumer, forgets }
      if (!Number.isInteger(count) || count === 0 || (reader === undefined) !== (lower === 'xread')) return undefined
      return { keysAt: at + 1, count, blocks: blockOptionAt(args) !== undefined, reader }
    }
  }
  return undefined
}

/** The keys whose id is this word, each with the place of its id in the arguments. */
export function placesOf({ keysAt, count }: StreamRead, args: readonly Arg[], id: '$' | '>'): ReadonlyMap<number, Arg> {
  const places = new Map<number, Arg>()
  for (let at = keysAt; at < keysAt + count; at += 1) {
    const key = args[at]
    if (key !== undefined && textOf(args[at + count]) === id) places.set(at + count, key)
  }
  return places
}

/** The arguments with other ids in these places. */
export function withIds(args: readonly Arg[], ids: ReadonlyMap<number, string>): Arg[] {
  return args.map((arg, at) => ids.get(at) ?? arg)
}

/** Entries of one stream in a reply: `[id, fields]`, and no fields for one that was deleted meanwhile. */
type Entries = readonly unknown[]

/**
 * What a reply holds of entries that still exist, in the reply's own form; undefined when that is nothing. The forms are the server's:
 * RESP2 pairs, and RESP3's map as ioredis's parser gives it, a flat list or an object by `replyMapping`.
 */
export function existingIn(reply: unknown): unknown {
  if (reply === null || typeof reply !== 'object') return undefined
  if (!Array.isArray(reply)) {
    const kept = Object.entries(reply as Readonly<Record<string, Entries>>)
      .map(keepExisting)
      .filter(hasEntries)
    return kept.length === 0 ? undefined : Object.fromEntries(kept)
  }
  const kept = pairsOf(reply as unknown[])
    .map(keepExisting)
    .filter(hasEntries)
  if (kept.length === 0) return undefined
  return isFlat(reply as unknown[]) ? kept.flat(1) : kept
}

/** The ids of the entries of each stream, by its key, oldest first. */
export function idsIn(reply: unknown): ReadonlyMap<string, readonly string[]> {
  const pairs =
    reply === null || typeof reply !== 'object'
      ? []
      : Array.isArray(reply)
        ? pairsOf(reply as unknown[])
        : Object.entries(reply as Readonly<Record<string, Entries>>)
  return new Map(pairs.map(([key, entries]) => [String(key), entries.map((entry) => idOf(entry))]))
}

/** The id of the first entry in what XRANGE or XREVRANGE answers; `0-0`, which is before all, when it found none. */
export function firstIdIn(reply: unknown): string | undefined {
  if (!Array.isArray(reply)) return undefined
  return reply.length === 0 ? BEFORE_ALL : idOf(reply[0])
}

/** The highest id that is pending in a group, from what XPENDING answers about it; `0-0` when none is. */
export function highestPendingIn(reply: unknown): string | undefined {
  if (!Array.isArray(reply)) return undefined
  const [, , highest] = reply as (string | Buffer | null | undefined)[]
  return highest === null || highest === undefined ? BEFORE_ALL : String(highest)
}

export const BEFORE_ALL = '0-0'

/** The one that comes later in a stream. */
export function laterId(a: string, b: string): string {
  const [aMs, aSequence] = partsOf(a)
  const [bMs, bSequence] = partsOf(b)
  return aMs > bMs || (aMs === bMs && aSequence > bSequence) ? a : b
}

/** Both are whole numbers of 64 bits. */
function partsOf(id: string): [bigint, bigint] {
  const [ms = '0', sequence = '0'] = id.split('-')
  return [BigInt(ms), BigInt(sequence)]
}

type Pair = readonly [key: unknown, entries: Entries]

function isFlat(reply: readonly unknown[]): boolean {
  return !Array.isArray(reply[0])
}

function pairsOf(reply: readonly unknown[]): Pair[] {
  if (!isFlat(reply)) return reply as Pair[]
  const pairs: Pair[] = []
  for (let at = 0; at + 1 < reply.length; at += 2) pairs.push([reply[at], reply[at + 1] as Entries])
  return pairs
}

function keepExisting([key, entries]: Pair): Pair {
  return [key, entries.filter((entry) => (entry as readonly unknown[])[1] !== null)]
}

function hasEntries([, entries]: Pair): boolean {
  return entries.length > 0
}

function idOf(entry: unknown): string {
  return String((entry as readonly unknown[])[0])
}
