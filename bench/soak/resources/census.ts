import { Command } from 'ioredis'
import { SentinelRedis } from 'ioredis-sentinel'
import { readdirSync } from 'node:fs'
import { Socket } from 'node:net'
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import { getHeapCodeStatistics, queryObjects } from 'node:v8'
import type { ListenerCensus } from './listener-census.js'

/** What this process holds at one moment. All are counts, but for the first four, which are bytes. */
export interface ResourceSample {
  /** Without what V8 makes of the program itself: it goes on compiling hot functions for long, and that is no leak. */
  readonly heapUsed: number
  /** That part: code with its tables. Not judged. */
  readonly code: number
  readonly external: number
  readonly arrayBuffers: number
  /** Open file descriptors; 0 where the system does not tell. */
  readonly fds: number
  /** Sockets and timers that keep the process alive, as Node counts them. */
  readonly activeSockets: number
  readonly activeTimers: number
  /** Objects that the heap still holds after a collection, whoever holds them; counted now and then, since it takes a second. */
  readonly socketObjects?: number
  readonly timerObjects?: number
  readonly clientObjects?: number
  readonly commandObjects?: number
  /** Listeners on the long-lived clients. */
  readonly clientListeners: number
  /** Listeners on what clients share: links to sentinels, the watch of the group, sockets. */
  readonly sharedListeners: number
  /** Waiting or in flight by the clients' own stats(). */
  readonly queued: number
}

const LOOKS = 5
const BETWEEN_LOOKS_MS = 15
/** Where sentinels are slow, questions to them are on their way at nearly every moment: it takes more looks to find one when none is. */
const MOST_LOOKS = 20
const QUESTIONS_TAKE_MS = 50
/** Node's own class of timers, which it does not export. */
const Timeout = timerClass()

/**
 * Counts once everything that can be collected is; with `objects` also the objects of some classes. `last` is the sample before: what
 * is more than it was is counted again, since it may be on its way only.
 *
 * @throws Error without `--expose-gc`.
 */
export async function takeCensus(
  clients: readonly SentinelRedis[],
  listeners: ListenerCensus,
  objects: boolean,
  last?: ResourceSample
): Promise<ResourceSample> {
  const { gc } = globalThis
  if (gc === undefined) throw new Error('takeCensus: run node with --expose-gc')
  // What was freed may free more: finalizers, closed handles and settled promises run between two collections.
  for (let round = 0; round < 3; round += 1) {
    gc()
    await turn()
  }
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  const { code_and_metadata_size, bytecode_and_metadata_size } = getHeapCodeStatistics()
  const code = code_and_metadata_size + bytecode_and_metadata_size
  return {
    heapUsed: heapUsed - code,
    code,
    external,
    arrayBuffers,
    ...(await fewest(passing, BETWEEN_LOOKS_MS, last)),
    ...(objects ? await fewest(liveObjects, QUESTIONS_TAKE_MS, last) : {}),
    clientListeners: clients.reduce((sum, client) => sum + listenersOf(client), 0),
    sharedListeners: listeners.countExcept(clients),
    queued: clients.reduce((sum, client) => sum + client.stats().held + client.stats().inFlight, 0)
  }
}

type Passing = Pick<ResourceSample, 'fds' | 'activeSockets' | 'activeTimers'>
type Objects = Required<Pick<ResourceSample, 'socketObjects' | 'timerObjects' | 'clientObjects' | 'commandObjects'>>

/** Of what comes and goes, a question to a sentinel with its timer say, there is less at some moments; what stays is there at each. */
async function fewest<Counts extends Readonly<Record<keyof Counts, number>>>(
  look: () => Counts,
  betweenMs: number,
  last: Partial<Counts> | undefined
): Promise<Counts> {
  let least = look()
  const grown = (): boolean => names(least).some((name) => least[name] > (last?.[name] ?? Infinity))
  for (let looks = 1; looks < LOOKS || (looks < MOST_LOOKS && grown()); looks += 1) {
    await sleep(betweenMs)
    least = fewer(least, look())
  }
  return least
}

function passing(): Passing {
  const active = process.getActiveResourcesInfo()
  const count = (kind: RegExp): number => active.filter((name) => kind.test(name)).length
  return {
    fds: openFiles(),
    activeSockets: count(/^(TCP|TLS|ConnectWrap|GetAddrInfo)/),
    activeTimers: count(/^(Timeout|Immediate)/)
  }
}

function liveObjects(): Objects {
  return {
    socketObjects: liveObjectsOf(Socket),
    timerObjects: liveObjectsOf(Timeout),
    clientObjects: liveObjectsOf(SentinelRedis),
    commandObjects: liveObjectsOf(Command)
  }
}

/** Of each count the smaller one. */
function fewer<Counts extends Readonly<Record<keyof Counts, number>>>(one: Counts, other: Counts): Counts {
  return Object.fromEntries(names(one).map((name) => [name, Math.min(one[name], other[name])])) as Counts
}

const names = <Counts extends object>(counts: Counts): (keyof Counts)[] => Object.keys(counts) as (keyof Counts)[]

function listenersOf(client: SentinelRedis): number {
  return client.eventNames().reduce((sum, name) => sum + client.listenerCount(name), 0)
}

function openFiles(): number {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return 0
  }
}

function liveObjectsOf(ofClass: unknown): number {
  return queryObjects(ofClass as Parameters<typeof queryObjects>[0], { format: 'count' })
}

function timerClass(): unknown {
  const timer = setTimeout(() => undefined, 0)
  clearTimeout(timer)
  return timer.constructor
}
