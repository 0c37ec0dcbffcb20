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

const QUESTIONS_TAKE_MS = 50
const LOOKS = 5
const BETWEEN_LOOKS_MS = 15
/** Node's own class of timers, which it does not export. */
const Timeout = timerClass()

/**
 * Counts once everything that can be collected is; with `objects` also the objects of some classes.
 *
 * @throws Error without `--expose-gc`.
 */
export async function takeCensus(
  clients: readonly SentinelRedis[],
  listeners: ListenerCensus,
  objects: boolean
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
    ...(await least()),
    ...(objects ? await countObjects() : {}),
    clientListeners: clients.reduce((sum, client) => sum + listenersOf(client), 0),
    sharedListeners: listeners.countExcept(clients),
    queued: clients.reduce((sum, client) => sum + client.stats().held + client.stats().inFlight, 0)
  }
}

type Passing = Pick<ResourceSample, 'fds' | 'activeSockets' | 'activeTimers'>
type Objects = Required<Pick<ResourceSample, 'socketObjects' | 'timerObjects' | 'clientObjects' | 'commandObjects'>>

/** Of what comes and goes, a question to a sentinel with its timer say, there is less at some moments; what stays is there at each. */
async function least(): Promise<Passing> {
  let fewest = passing()
  for (let look = 1; look < LOOKS; look += 1) {
    await sleep(BETWEEN_LOOKS_MS)
    fewest = fewer(fewest, passing())
  }
  return fewest
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

async function countObjects(): Promise<Objects> {
  let fewest = objects()
  // Each sentinel is asked six questions at a time: those on their way are gone when it is counted again, or others are where it is slow.
  for (let look = 1; look < LOOKS; look += 1) {
    await sleep(QUESTIONS_TAKE_MS)
    fewest = fewer(fewest, objects())
  }
  return fewest
}

function objects(): Objects {
  return {
    socketObjects: liveObjects(Socket),
    timerObjects: liveObjects(Timeout),
    clientObjects: liveObjects(SentinelRedis),
    commandObjects: liveObjects(Command)
  }
}

/** Of each count the smaller one. */
function fewer<Counts extends Readonly<Record<keyof Counts, number>>>(one: Counts, other: Counts): Counts {
  const names = Object.keys(one) as (keyof Counts)[]
  return Object.fromEntries(names.map((name) => [name, Math.min(one[name], other[name])])) as Counts
}

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

function liveObjects(ofClass: unknown): number {
  return queryObjects(ofClass as Parameters<typeof queryObjects>[0], { format: 'count' })
}

function timerClass(): unknown {
  const timer = setTimeout(() => undefined, 0)
  clearTimeout(timer)
  return timer.constructor
}
