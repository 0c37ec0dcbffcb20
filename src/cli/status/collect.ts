import { setTimeout as delay } from 'node:timers/promises'
import type { SentinelRedis, Topology } from '../../index.js'
import { askServer } from '../ask-server.js'
import { eachOnce } from '../each-once.js'
import { sentinelToAsk } from '../sentinel-to-ask.js'
import { openClient, type Target } from '../target.js'
import { parseReplication, quorumCheck, type QuorumCheck, type Replication, type StatusFacts } from './facts.js'

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
    const topology = { ...redis.topology, sentinels: await eachOnce(redis.topology.sentinels) }
    const [checks, replication] = await Promise.all([
      Promise.all(
        topology.sentinels.map(async ({ key }) => [key, await checkQuorum(key, topology.name, target)] as const)
      ),
      connectError === undefined ? askReplication(redis, timeoutMs) : undefined
    ])
    return {
      topology,
      quorumChecks: Object.fromEntries(checks.flatMap(([key, check]) => (check === undefined ? [] : [[key, check]]))),
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

/** Undefined where it is not for us to know: the least rights do not have this question. */
async function checkQuorum(sentinel: string, group: string, target: Target): Promise<QuorumCheck | undefined> {
  const asked = await sentinelToAsk(sentinel, target)
  const asking = askServer(asked, (link) => link.call('SENTINEL', 'CKQUORUM', group))
  return quorumCheck(asking).catch(() => undefined)
}
