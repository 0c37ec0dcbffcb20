import { isIP } from 'node:net'
import { Redis, type RedisOptions } from 'ioredis'
import type { Address, SentinelRedis } from '../../index.js'
import { formatAddress } from '../address.js'
import { parseReplication, type Replication } from '../status/facts.js'
import type { NodeNumbers } from './messages.js'
import { type InfoCounts, NO_NUMBERS, opsBetween, parseInfo } from './node-info.js'

interface Link {
  readonly redis: Redis
  asking: boolean
  /** What happened to the connection since it was asked. */
  trouble?: Error
  last?: { readonly counts: InfoCounts; readonly at: number }
}

const ANSWER_WITHIN_MS = 1_000
const RETRY_MS = 500

/** A connection of its own to every node of the group, to ask each how it is. */
export class NodeLinks {
  readonly #client: SentinelRedis
  readonly #links = new Map<string, Link>()
  readonly #numbers = new Map<string, NodeNumbers>()
  /** What the node that is the primary said of its replicas; undefined when it did not. */
  replication: Replication | undefined

  constructor(client: SentinelRedis) {
    this.#client = client
  }

  numbersOf(address: string): NodeNumbers {
    return this.#numbers.get(address) ?? NO_NUMBERS
  }

  /** Asks all nodes of the topology of now; resolves when each has answered, or has had its time. */
  async ask(): Promise<void> {
    const { primary, replicas } = this.#client.topology
    const nodes = [...(primary === undefined ? [] : [primary]), ...replicas].map(({ address }) => address)
    this.#forgetAllBut(nodes.map(formatAddress))
    await Promise.all(nodes.map((address) => this.#askOne(address)))
  }

  close(): void {
    this.#forgetAllBut([])
  }

  async #askOne(address: Address): Promise<void> {
    const key = formatAddress(address)
    const link = this.#linkTo(address, key)
    // One that is silent is asked again when it has been given up.
    if (link.asking) return
    link.asking = true
    delete link.trouble
    const at = performance.now()
    try {
      const info = await link.redis.info()
      const roundTripMs = performance.now() - at
      const counts = parseInfo(info)
      const opsPerSecond = opsBetween(link.last?.counts, counts, at - (link.last?.at ?? at))
      link.last = { counts, at }
      const { clients, memoryBytes, offset, version } = counts
      this.#numbers.set(key, { error: '', opsPerSecond, clients, memoryBytes, offset, roundTripMs, version })
      if (this.#isPrimary(key)) this.replication = parseReplication(info)
    } catch (error) {
      delete link.last
      // Of a connection that cannot be made, ioredis rejects with its own limit of retries.
      const { message } = link.trouble ?? (error as Error)
      this.#numbers.set(key, { ...NO_NUMBERS, error: message })
      if (this.#isPrimary(key)) this.replication = undefined
    } finally {
      link.asking = false
    }
  }

  #isPrimary(key: string): boolean {
    const { primary } = this.#client.topology
    return primary !== undefined && formatAddress(primary.address) === key
  }

  #linkTo(address: Address, key: string): Link {
    const known = this.#links.get(key)
    if (known !== undefined) return known
    const redis = new Redis({
      ...accessOf(this.#client, address),
      ...address,
      connectionName: 'ioredis-sentinel-dashboard',
      enableReadyCheck: false,
      enableOfflineQueue: true,
      connectTimeout: ANSWER_WITHIN_MS,
      commandTimeout: ANSWER_WITHIN_MS,
      maxRetriesPerRequest: 0,
      retryStrategy: () => RETRY_MS
    })
    const link: Link = { redis, asking: false }
    redis.on('error', (error: Error) => (link.trouble = error))
    this.#links.set(key, link)
    return link
  }

  #forgetAllBut(keys: readonly string[]): void {
    for (const [key, { redis }] of this.#links) {
      if (keys.includes(key)) continue
      redis.disconnect()
      this.#links.delete(key)
      this.#numbers.delete(key)
    }
  }
}

/** As the client itself would connect. */
function accessOf({ options }: SentinelRedis, { host }: Address): Pick<RedisOptions, 'username' | 'password' | 'tls'> {
  const { username, password, tls } = options
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls !== undefined && { tls: { ...(isIP(host) === 0 && { servername: host }), ...tls } })
  }
}
