import type { Arg } from './arg.js'
import { textOf, wordOf } from './arg.js'

interface TimeoutPlace {
  readonly at: number
  readonly unitMs: 1 | 1000
}

type Find = (args: readonly Arg[]) => TimeoutPlace | undefined

const lastInSeconds: Find = (args) => ({ at: args.length - 1, unitMs: 1000 })
const firstInSeconds: Find = () => ({ at: 0, unitMs: 1000 })
const blockOption: Find = (args) => {
  const at = blockOptionAt(args)
  return at === undefined ? undefined : { at: at + 1, unitMs: 1 }
}

const PLACES: ReadonlyMap<string, Find> = new Map<string, Find>([
  ['blpop', lastInSeconds],
  ['brpop', lastInSeconds],
  ['brpoplpush', lastInSeconds],
  ['blmove', lastInSeconds],
  // What may follow its timeout: ioredis `built/Command.js` extractBlockingTimeout().
  ['blmovem', () => ({ at: 4, unitMs: 1000 })],
  ['bzpopmin', lastInSeconds],
  ['bzpopmax', lastInSeconds],
  ['blmpop', firstInSeconds],
  ['bzmpop', firstInSeconds],
  ['xread', blockOption],
  ['xreadgroup', blockOption],
  ['wait', () => ({ at: 1, unitMs: 1 })],
  ['waitaof', () => ({ at: 2, unitMs: 1 })]
])

/**
 * How long the server may keep this call waiting, in milliseconds; Infinity when for ever (timeout 0); undefined when it
 * does not block at all, which is also so when the timeout is one the server refuses.
 */
export function blockingMs(name: string, args: readonly Arg[]): number | undefined {
  const place = placeOf(name, args)
  if (place === undefined) return undefined
  const text = textOf(args[place.at])
  const timeout = text === '' ? NaN : Number(text)
  if (!(timeout >= 0)) return undefined
  return timeout === 0 ? Infinity : timeout * place.unitMs
}

/**
 * The arguments of a blocking call with its timeout replaced by `leftMs`: at least 1 ms, since 0 would mean for ever, which
 * is written for Infinity only. The arguments of a call that does not block come back as they are.
 */
export function withTimeLeft(name: string, args: readonly Arg[], leftMs: number): Arg[] {
  const copy = [...args]
  const place = placeOf(name, args)
  if (place === undefined || blockingMs(name, args) === undefined) return copy
  const wholeMs = leftMs > 1 ? Math.min(Math.ceil(leftMs), Number.MAX_SAFE_INTEGER) : 1
  copy[place.at] = leftMs === Infinity ? '0' : place.unitMs === 1 ? String(wholeMs) : seconds(wholeMs)
  return copy
}

/** Where BLOCK stands in the arguments of XREAD or XREADGROUP; undefined when the call does not block. */
export function blockOptionAt(args: readonly Arg[]): number | undefined {
  for (let at = 0; at < args.length; at += 1) {
    const word = wordOf(args[at])
    if (word === 'BLOCK') return at
    if (word === 'STREAMS') return undefined
    // A group or a consumer may be called "block" or "streams".
    if (word === 'GROUP') at += 2
    else if (word === 'COUNT') at += 1
  }
  return undefined
}

function placeOf(name: string, args: readonly Arg[]): TimeoutPlace | undefined {
  return (PLACES.get(name) ?? PLACES.get(name.toLowerCase()))?.(args)
}

/** Decimal, never with an exponent, and with no digit lost to division. */
function seconds(wholeMs: number): string {
  const rest = wholeMs % 1000
  const whole = String((wholeMs - rest) / 1000)
  return rest === 0 ? whole : `${whole}.${String(rest).padStart(3, '0')}`
}
