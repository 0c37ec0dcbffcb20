import { Redis, type RedisOptions } from 'ioredis'
import { SentinelRedis } from 'ioredis-sentinel'
import { createSentinel } from 'redis'
import type { ClientName } from './catalogue.js'
import { keyOf, LEDGER_KEY, READ_KEY } from './messages.js'

export interface Traffic {
  readonly write: (id: string) => Promise<unknown>
  readonly read: () => Promise<string | null>
  /** The same, by a command that the servers count apart. */
  readonly readApart: () => Promise<string | null>
}

export interface Group {
  readonly name: string
  readonly sentinels: readonly { readonly host: string; readonly port: number }[]
}

const OPENERS: Readonly<Record<ClientName, (group: Group) => Promise<Traffic>>> = {
  ours: openOurs((client) => (id) => client.rpush(LEDGER_KEY, id)),
  'ours-set': openOurs((client) => (id) => client.set(keyOf(id), id)),
  'ours-durability': openOurs((client) => {
    const durable = client.with({ durability: { replicas: 1, timeoutMs: 500 } })
    return (id) => durable.rpush(LEDGER_KEY, id)
  }),
  'ours-exactly-once': openOurs((client) => {
    const once = client.with({ exactlyOnce: true })
    return (id) => once.rpush(LEDGER_KEY, id)
  }),
  ioredis: openIoredis({}),
  // The least delays that its options take, every sentinel listened to, and a new look-up when a node says READONLY.
  'ioredis-tuned': openIoredis({
    failoverDetector: true,
    sentinelRetryStrategy: () => 100,
    sentinelReconnectStrategy: () => 100,
    retryStrategy: () => 100,
    connectTimeout: 1000,
    sentinelCommandTimeout: 1000,
    maxRetriesPerRequest: null,
    reconnectOnError: (error) => (error.message.startsWith('READONLY') ? 2 : false)
  }),
  'node-redis': openNodeRedis({}),
  'node-redis-tuned': openNodeRedis({
    scanInterval: 100,
    nodeClientOptions: { socket: { connectTimeout: 1000, reconnectStrategy: () => 100 } },
    sentinelClientOptions: { socket: { connectTimeout: 1000, reconnectStrategy: () => 100 } }
  })
}

/** Connects a client with its options of the catalogue; resolves when it writes and reads. */
export async function openTraffic(name: ClientName, group: Group): Promise<Traffic> {
  return OPENERS[name](group)
}

type Write = Traffic['write']

function openOurs(writer: (client: SentinelRedis) => Write) {
  return async ({ name, sentinels }: Group): Promise<Traffic> => {
    const client = new SentinelRedis({ name, sentinels })
    await client.ping()
    return {
      write: writer(client),
      read: () => client.get(READ_KEY),
      readApart: () => client.getrange(READ_KEY, 0, -1)
    }
  }
}

/** One `Redis` is connected to one node, so who wants to read from replicas has two. */
function openIoredis(options: Omit<RedisOptions, 'replyMapping'>) {
  return async ({ name, sentinels }: Group): Promise<Traffic> => {
    const group = { name, sentinels: [...sentinels], ...options }
    const [writer, reader] = [new Redis(group), new Redis({ ...group, role: 'slave' })]
    for (const client of [writer, reader]) client.on('error', ignore)
    await Promise.all([writer.ping(), reader.ping()])
    return {
      write: (id) => writer.rpush(LEDGER_KEY, id),
      read: () => reader.get(READ_KEY),
      readApart: () => reader.getrange(READ_KEY, 0, -1)
    }
  }
}

type NodeRedisOptions = Pick<
  Parameters<typeof createSentinel>[0],
  'scanInterval' | 'nodeClientOptions' | 'sentinelClientOptions'
>

/** Two as well: `replicaPoolSize` makes the writes wait for the replicas' connections. */
function openNodeRedis(options: NodeRedisOptions) {
  return async ({ name, sentinels }: Group): Promise<Traffic> => {
    const group = { name, sentinelRootNodes: [...sentinels], ...options }
    const [writer, reader] = [createSentinel(group), createSentinel({ ...group, replicaPoolSize: 1 })]
    for (const client of [writer, reader]) client.on('error', ignore)
    await Promise.all([writer.connect(), reader.connect()])
    return {
      write: (id) => writer.rPush(LEDGER_KEY, id),
      read: () => reader.get(READ_KEY),
      readApart: () => reader.getRange(READ_KEY, 0, -1)
    }
  }
}

/** Both emit what they recover from as 'error', and throw it when nobody listens. */
function ignore(): void {
  return undefined
}
