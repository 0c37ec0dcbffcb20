import { setTimeout as delay } from 'node:timers/promises'
import { Redis, type RedisOptions } from 'ioredis'
import type { SentinelRedis, Topology } from '../../index.js'
import { openClient, type Target } from '../target.js'
import { seedNameOf } from './seed-name.js'
import { parseReplication, type QuorumCheck, type Replication, type StatusFacts } from './facts.js'

/**
 * Asks the sentinels and the primary. Never throws for what is wrong with the servers: that is what it reports.
 *
 * @throws ConfigurationError when the target is wrong.
 */
export async function collectStatus(target: Target): Promise<StatusFacts> {
  const { timeoutMs } = target
  const redis = openClient(target, 'ioredis-sentinel-status')
  try {
    const connectError = await redis.connect().then(
      () => undefined,
      (error: Error) => error.message
    )
    await allHeard(redis, timeoutMs)
    const topology = redis.topology
    const [checks, replication] = await Promise.all([
      Promise.all(
        topology.sentinels.map(async ({ key }) => [key, await checkQuorum(key, topology.name, target)] as const)
      ),
      connectError === undefined ? askReplication(redis, timeoutMs) : undefined
    ])
    return {
      topology,
      quorumChecks: Object.fromEntries(checks),
      ...(connectError !== undefined && { connectError }),
      ...(replication !== undefined && { replication })
    }
  } finally {
    await redis.close()
  }
}

/** The primary is known as soon as a majority answered; the report waits for the rest of them. */
export async function allHeard(redis: SentinelRedis, timeoutMs: number): Promise<void> {
  const complete = ({ sentinels }: Topology): boolean =>
    sentinels.every((sentinel) => sentinel.reachable || sentinel.error !== undefined) &&
    sentinels.every((sentinel) => (sentinel.others ?? 0) < sentinels.length)
  const late = new AbortController()
  const heard = new Promise<void>((resolve) => {
    const look = (topology: Topology): void => {
      if (complete(topology)) resolve()
    }
    redis.on('topology', look)
    look(redis.topology)
  })
  await Promise.race([heard, delay(timeoutMs, undefined, { signal: late.signal }).catch(() => undefined)])
  late.abort()
}

async function askReplication(redis: SentinelRedis, timeoutMs: number): Promise<Replication | undefined> {
  const late = new AbortController()
  const answer = await Promise.race([
    redis.info('replication').catch(() => undefined),
    delay(timeoutMs, undefined, { signal: late.signal }).catch(() => undefined)
  ])
  late.abort()
  return answer === undefined ? undefined : parseReplication(answer)
}

async function checkQuorum(sentinel: string, group: string, target: Target): Promise<QuorumCheck> {
  const { timeoutMs } = target
  const colon = sentinel.lastIndexOf(':')
  const host = sentinel.slice(0, colon).replace(/^\[|\]$/g, '')
  const { tls, ...user } = sentinelAccess(target)
  const name = tls === undefined ? undefined : await seedNameOf(host, target)
  const link = new Redis({
    host,
    port: Number(sentinel.slice(colon + 1)),
    ...user,
    ...(tls !== undefined && { tls: { ...(name !== undefined && { servername: name }), ...tls } }),
    lazyConnect: true,
    enableReadyCheck: false,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null
  })
  link.on('error', () => undefined)
  try {
    await link.connect()
    return { ok: true, text: String(await link.call('SENTINEL', 'CKQUORUM', group)) }
  } catch (error) {
    return { ok: false, text: (error as Error).message }
  } finally {
    link.disconnect()
  }
}

type SentinelAccess = Pick<RedisOptions, 'username' | 'password' | 'tls'>

/** User, password and TLS for the sentinels, from the options or, where they say nothing, from the URL. */
function sentinelAccess({ url, options }: Target): SentinelAccess {
  const query = new URLSearchParams(url?.split('?')[1] ?? '')
  const username = options.sentinelUsername ?? query.get('sentinelUsername') ?? undefined
  const password = options.sentinelPassword ?? query.get('sentinelPassword') ?? undefined
  const tls = options.sentinelTls ?? url?.toLowerCase().startsWith('rediss') ?? false
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls !== false && { tls: tls === true ? {} : tls })
  }
}
