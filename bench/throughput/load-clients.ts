import { Redis } from 'ioredis'
import { SentinelRedis } from 'ioredis-sentinel'
import { createSentinel } from 'redis'
import type { ClientName, Workload } from './catalogue.js'
import { KEYS } from './catalogue.js'

export interface Place {
  readonly name: string
  readonly sentinels: readonly Address[]
  readonly primary: Address
}

interface Address {
  readonly host: string
  readonly port: number
}

/** What one client is asked to do, once for each call of a workload. Rejects when the answer is not what it must be. */
export type Calls = Readonly<Record<Workload, () => Promise<unknown>>>

const SMALL = 'v'.repeat(32)
const MEDIUM = 'v'.repeat(1024)
const LARGE = 'v'.repeat(65_536)
const PIPELINE = 100

export async function openCalls(client: ClientName, place: Place): Promise<Calls> {
  return OPENERS[client](place)
}

const OPENERS: Readonly<Record<ClientName, (place: Place) => Promise<Calls>>> = {
  ours: ({ name, sentinels }) => connected(new SentinelRedis({ name, sentinels })),
  ioredis: ({ primary }) => connected(new Redis(primary)),
  'ioredis-auto': ({ primary }) => connected(new Redis({ ...primary, enableAutoPipelining: true })),
  'ours-unhedged': ({ name, sentinels }) => connected(new SentinelRedis({ name, sentinels, hedge: false })),
  'ioredis-timer': ({ primary }) => {
    setInterval(() => undefined, 10).unref()
    return connected(new Redis(primary))
  },
  'node-redis': async (place) => {
    const client = nodeRedis(place)
    client.on('error', () => undefined)
    await client.connect()
    return callsOfNodeRedis(client)
  }
}

async function connected(client: Redis): Promise<Calls> {
  await client.ping()
  return callsOfIoredis(client)
}

function nodeRedis({ name, sentinels }: Place) {
  return createSentinel({ name, sentinelRootNodes: [...sentinels], masterPoolSize: 1 })
}

interface KeyValue {
  set(key: string, value: string): Promise<unknown>
  get(key: string): Promise<string | null>
}

/** What all clients spell alike. */
function singleCalls(client: KeyValue, key: () => string): Omit<Calls, 'pipeline' | 'multi'> {
  const medium = keys('medium', 100)
  const large = keys('large', 100)
  const set = (): Promise<unknown> => client.set(key(), SMALL)
  const get = (): Promise<unknown> => client.get(key()).then(checked)
  return {
    set,
    get,
    mixed: mix(set, get),
    'set-1k': () => client.set(medium(), MEDIUM),
    'get-1k': () => client.get(medium()).then(checked),
    'set-64k': () => client.set(large(), LARGE),
    'get-64k': () => client.get(large()).then(checked)
  }
}

function callsOfIoredis(client: Redis): Calls {
  const key = keys('key')
  return {
    ...singleCalls(client, key),
    pipeline: () => {
      const pipeline = client.pipeline()
      for (let i = 0; i < PIPELINE; i++) pipeline.set(key(), SMALL)
      return pipeline.exec().then(allDone)
    },
    multi: () => {
      const [a, b] = [key(), key()]
      return client.multi().set(a, SMALL).get(a).set(b, SMALL).get(b).exec().then(allDone)
    }
  }
}

function callsOfNodeRedis(client: ReturnType<typeof nodeRedis>): Calls {
  const key = keys('key')
  return {
    ...singleCalls(client, key),
    // It sends what is called in one tick together, and has no pipeline beside that.
    pipeline: () => Promise.all(Array.from({ length: PIPELINE }, () => client.set(key(), SMALL))),
    multi: () => {
      const [a, b] = [key(), key()]
      return client.multi().set(a, SMALL).get(a).set(b, SMALL).get(b).exec()
    }
  }
}

/** All keys in turn, from one that differs from caller to caller. */
function keys(prefix: string, count = KEYS): () => string {
  let next = process.pid % count
  const names = Array.from({ length: count }, (_, index) => `${prefix}:${index}`)
  return () => {
    next = next + 1 === count ? 0 : next + 1
    return names[next] as string
  }
}

function mix(set: () => Promise<unknown>, get: () => Promise<unknown>): () => Promise<unknown> {
  let turn = 0
  return () => (++turn % 5 === 0 ? set() : get())
}

function checked(value: string | null): void {
  if (value === null) throw new Error('a key that was written has no value')
}

function allDone(replies: readonly (readonly [Error | null, unknown])[] | null): void {
  if (replies === null) throw new Error('EXEC gave nothing')
  for (const [error] of replies) if (error !== null) throw error
}

/** Writes all keys that are read. */
export async function fill(primary: Address): Promise<void> {
  const client = new Redis(primary)
  try {
    const pipeline = client.pipeline()
    for (let i = 0; i < KEYS; i++) pipeline.set(`key:${i}`, SMALL)
    for (let i = 0; i < 100; i++) pipeline.set(`medium:${i}`, MEDIUM).set(`large:${i}`, LARGE)
    allDone(await pipeline.exec())
  } finally {
    client.disconnect()
  }
}
