import { tracingChannel } from 'node:diagnostics_channel'
import type { Address } from '../protocol/address.js'
import { SamplePace } from './sample-pace.js'

/** A node that a call was written to. */
export interface ContactedNode {
  readonly role: 'primary' | 'replica'
  /** As the sentinels announce it. */
  readonly address: Address
  /** What its name, or the address map, came to: the other end of the socket. */
  readonly peer: Address | undefined
}

/** One call, or one pipeline or transaction: what subscribers of the tracing channel `ioredis-sentinel:command` are given, the same object each time. */
export interface CommandTrace {
  readonly client: object
  /** The name the sentinels know its group by. */
  readonly group: string
  /** The command's name as it was called, or `pipeline`, or `multi`. */
  readonly name: string
  /** Of a pipeline or transaction: the commands' names, without MULTI and EXEC. */
  readonly batch: readonly string[] | undefined
  /** The database that was selected when it was issued. */
  readonly database: number
  /** performance.now() */
  readonly startedAt: number
  /** Undefined until it has settled. In milliseconds. */
  readonly tookMs: number | undefined
  /** The node that answered, or the last that was asked when none did; undefined when it was never written to a socket. */
  readonly node: ContactedNode | undefined
  /** How often it was written to a socket. */
  readonly attempts: number
  /** It waited here before it was written: for a connection, or for the end of a failover. */
  readonly held: boolean
  /** What it was rejected with; of a pipeline, the first of its commands that was. */
  readonly error: unknown
  /** The command with its keys and without its other arguments: `SET user:1 ?`. Keys are as the caller made them: look at what they hold before they are written anywhere. */
  readonly text: string
}

/** Every call. */
const ALL = tracingChannel<object, CommandTrace>('ioredis-sentinel:command')
/** All while there are few, and about forty a second of more. */
const SAMPLE = tracingChannel<object, CommandTrace>('ioredis-sentinel:command-sample')
/** Those that somebody wanted when they were offered. */
const WANTED = tracingChannel<object, CommandTrace>('ioredis-sentinel:command-wanted')
const pace = new SamplePace()

const CHANNELS = [ALL, SAMPLE, WANTED] as const
const TO_ALL = 1
const TO_SAMPLE = 2
const TO_WANTED = 4

/** A bit for each of the channels, 0 for none of them. */
export type Listeners = number

/** Who is to be told of the next call, or batch of calls, which somebody wants or not. That counts, and is asked once. */
export function whoListens(isWanted: boolean): Listeners {
  let found = ALL.start.hasSubscribers || ALL.asyncEnd.hasSubscribers ? TO_ALL : 0
  // In this order a call that is skipped costs a subtraction, and nothing is skipped while nobody listens.
  if (!pace.skips() && SAMPLE.asyncEnd.hasSubscribers) {
    pace.took()
    found |= TO_SAMPLE
  }
  if (isWanted) found |= TO_WANTED
  return found
}

export function tellStart(listeners: Listeners, trace: CommandTrace): void {
  for (const { start } of toldOn(listeners)) start.publish(trace)
}

/** The caller's own turn is over. */
export function tellIssued(listeners: Listeners, trace: CommandTrace): void {
  for (const { end } of toldOn(listeners)) end.publish(trace)
}

export function tellSettled(listeners: Listeners, trace: CommandTrace): void {
  for (const { error, asyncStart, asyncEnd } of toldOn(listeners)) {
    if (trace.error !== undefined) error.publish(trace)
    asyncStart.publish(trace)
    asyncEnd.publish(trace)
  }
}

const TOLD_ON = Array.from({ length: 1 << CHANNELS.length }, (_, listeners) =>
  CHANNELS.filter((_channel, place) => listeners & (1 << place))
)

function toldOn(listeners: Listeners): readonly (typeof ALL)[] {
  return TOLD_ON[listeners] ?? []
}
