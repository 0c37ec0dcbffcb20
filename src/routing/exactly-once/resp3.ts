import type { Arg } from '../arg.js'
import { wordOf } from '../arg.js'

/**
 * How ioredis gives what RESP3 tells apart and RESP2 does not. Inside a script replies have the form of RESP2: the other one
 * loses the order of maps, and lists end at their first null.
 */
export interface Resp3Forms {
  /** Doubles: `bytes` as any text, `text` with stringNumbers, `number` with replyMapping 'resp3'. */
  readonly doubles: 'bytes' | 'text' | 'number'
  /** replyMapping 'resp3': maps as objects, members with their scores in pairs. */
  readonly native: boolean
}

type Shape = (reply: unknown, args: readonly Arg[], forms: Resp3Forms) => unknown

const list = (reply: unknown): readonly unknown[] | undefined =>
  Array.isArray(reply) ? (reply as readonly unknown[]) : undefined

function double(value: unknown, { doubles }: Resp3Forms): unknown {
  if (doubles === 'bytes' || !Buffer.isBuffer(value)) return value
  const text = value.toString()
  return doubles === 'text' ? text : Number(text.replace('inf', 'Infinity'))
}

const doubles: Shape = (reply, _args, forms) => list(reply)?.map((value) => double(value, forms)) ?? reply

const scored: Shape = (reply, _args, forms) =>
  list(reply)?.map((value, at) => (at % 2 === 1 ? double(value, forms) : value)) ?? reply

const inPairs: Shape = (reply, _args, forms) => {
  const flat = list(reply)
  if (flat === undefined || !forms.native) return reply
  return flat.flatMap((value, at) => (at % 2 === 0 ? [[value, flat[at + 1]]] : []))
}

const scoredPairs: Shape = (reply, args, forms) => inPairs(scored(reply, args, forms), args, forms)

const ifWord =
  (word: string, shape: Shape): Shape =>
  (reply, args, forms) =>
    args.some((arg) => wordOf(arg) === word) ? shape(reply, args, forms) : reply

const object: Shape = (reply, _args, forms) => {
  const flat = list(reply)
  if (flat === undefined || !forms.native) return reply
  return Object.fromEntries(flat.flatMap((key, at) => (at % 2 === 0 ? [[String(key), flat[at + 1]]] : [])))
}

const streams: Shape = (reply, _args, forms) => {
  const pairs = list(reply)
  if (pairs === undefined || !forms.native) return reply
  return Object.fromEntries(pairs.map((pair) => [String(list(pair)?.[0]), list(pair)?.[1]]))
}

const places: Shape = (reply, args, forms) =>
  list(reply)?.map((found) => {
    const parts = list(found)
    return parts?.map((part) => (Array.isArray(part) ? doubles(part, args, forms) : part)) ?? found
  }) ?? reply

const withScores = ifWord('WITHSCORES', scoredPairs)
const withCoordinates = ifWord('WITHCOORD', places)

const SHAPES: Readonly<Record<string, Shape>> = {
  zscore: (reply, _args, forms) => double(reply, forms),
  zincrby: (reply, _args, forms) => double(reply, forms),
  zadd: (reply, _args, forms) => double(reply, forms),
  zmscore: doubles,
  zpopmin: (reply, args, forms) => (args.length > 1 ? scoredPairs : scored)(reply, args, forms),
  zpopmax: (reply, args, forms) => (args.length > 1 ? scoredPairs : scored)(reply, args, forms),
  zmpop: (reply, args, forms) => {
    const found = list(reply)
    return found === undefined ? reply : [found[0], list(found[1])?.map((pair) => scored(pair, args, forms))]
  },
  zrange: withScores,
  zrevrange: withScores,
  zrangebyscore: withScores,
  zrevrangebyscore: withScores,
  zunion: withScores,
  zinter: withScores,
  zdiff: withScores,
  zrandmember: withScores,
  hrandfield: ifWord('WITHVALUES', inPairs),
  hgetall: object,
  lcs: ifWord('IDX', object),
  xread: streams,
  xreadgroup: streams,
  geopos: (reply, args, forms) => list(reply)?.map((place) => doubles(place, args, forms)) ?? reply,
  georadius: withCoordinates,
  georadiusbymember: withCoordinates,
  geosearch: withCoordinates
}

/** A reply in the form of RESP2 as the decoder would give the same reply of RESP3. `name` as the user wrote it. */
export function asResp3(name: string, args: readonly Arg[], reply: unknown, forms: Resp3Forms): unknown {
  const lower = name.toLowerCase()
  const shape = Object.hasOwn(SHAPES, lower) ? SHAPES[lower] : undefined
  return shape === undefined || (forms.doubles === 'bytes' && !forms.native) ? reply : shape(reply, args, forms)
}
