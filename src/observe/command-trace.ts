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
/** All while there are few, and about a thousand a second of more. */
const SAMPLE = tracingChannel<object, CommandTrace>('ioredis-sentinel:command-sample')
const pace = new SamplePace()

/** To which of the channels a call is told. */
export interface Listening {
  readonly all: boolean
  readonly sample: boolean
}

const BOTH: Listening = { all: true, sample: true }
const ONLY_ALL: Listening = { all: true, sample: false }
const ONLY_SAMPLE: Listening = { all: false, sample: true }

/** Somebody has subscribed. It is all that a call costs where nobody has. */
export function someoneListens(): boolean {
  return ALL.start.hasSubscribers || ALL.asyncEnd.hasSubscribers || SAMPLE.asyncEnd.hasSubscribers
}

/** Who is to be told of the next call. */
export function whoListens(): Listening | undefined {
  const all = ALL.start.hasSubscribers || ALL.asyncEnd.hasSubscribers
  const sample = SAMPLE.asyncEnd.hasSubscribers && pace.take()
  if (all) return sample ? BOTH : ONLY_ALL
  return sample ? ONLY_SAMPLE : undefined
}

export function tellStart({ all, sample }: Listening, trace: CommandTrace): void {
  if (all) ALL.start.publish(trace)
  if (sample) SAMPLE.start.publish(trace)
}

/** The caller's own turn is over. */
export function tellIssued({ all, sample }: Listening, trace: CommandTrace): void {
  if (all) ALL.end.publish(trace)
  if (sample) SAMPLE.end.publish(trace)
}

export function tellSettled({ all, sample }: Listening, trace: CommandTrace): void {
  if (all) settle(ALL, trace)
  if (sample) settle(SAMPLE, trace)
}

function settle(channel: typeof ALL, trace: CommandTrace): void {
  if (trace.error !== undefined) channel.error.publish(trace)
  channel.asyncStart.publish(trace)
  channel.asyncEnd.publish(trace)
}
