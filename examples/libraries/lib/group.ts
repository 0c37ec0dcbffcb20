import type { FailoverTimeline } from 'ioredis-sentinel'
import { FailoverFailedError, SentinelRedis } from 'ioredis-sentinel'
import { startTopology } from 'ioredis-sentinel/testkit'

export interface Group {
  /** redis+sentinel://host:port,host:port/name */
  readonly url: string
  /** Makes calls, one after another, from before a planned failover of the group until after it; resolves with how many they were. */
  readonly throughFailover: (call: (n: number) => Promise<unknown>) => Promise<number>
}

const LEAST_CALLS = 100
const MOST_FAILOVERS = 10

/**
 * Runs an example on the group of the URL in the command line, or without one on a group of real servers that it starts on this
 * machine. Only its own group is failed over, unless `--failover` follows the URL.
 */
export async function onGroup(example: (group: Group) => Promise<void>): Promise<void> {
  const [url, allowed] = process.argv.slice(2)
  if (url !== undefined) {
    await example({ url, throughFailover: (call) => through(call, allowed === '--failover' ? url : undefined) })
    return
  }
  await using topology = await startTopology()
  await example({ url: topology.url, throughFailover: (call) => through(call, topology.url) })
}

async function through(call: (n: number) => Promise<unknown>, url: string | undefined): Promise<number> {
  let isOver = false
  const failingOver = (url === undefined ? Promise.resolve() : failOver(url)).finally(() => {
    isOver = true
  })
  let calls = 0
  for (; calls < LEAST_CALLS || !isOver; calls += 1) await call(calls)
  await failingOver
  return calls
}

async function failOver(url: string): Promise<void> {
  await using redis = new SentinelRedis(url)
  const { from, to } = await planned(redis)
  console.log('failover:', `${from?.host}:${from?.port}`, '->', `${to?.host}:${to?.port}`)
}

/** It is refused, and nothing has changed, where the machine is too busy for all of it to be done within its time: then once more. */
async function planned(redis: SentinelRedis): Promise<FailoverTimeline> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await redis.failover({ patienceMs: 0 })
    } catch (error) {
      const again = error instanceof FailoverFailedError && error.primary === 'unchanged' && tries < MOST_FAILOVERS
      if (!again) throw error
    }
  }
}
