import { SentinelRedis } from 'ioredis-sentinel'
import { startTopology } from 'ioredis-sentinel/testkit'

export interface Group {
  /** redis+sentinel://host:port,host:port/name */
  readonly url: string
  /** A planned failover of the group, as an operator makes one. Resolves when it is over. */
  readonly failOver: () => Promise<void>
}

/**
 * Runs an example on the group of the URL in the command line, or without one on a group of real servers that it starts on this
 * machine. Only its own group is failed over, unless `--failover` follows the URL.
 */
export async function onGroup(example: (group: Group) => Promise<void>): Promise<void> {
  const [url, allowed] = process.argv.slice(2)
  if (url !== undefined) {
    await example({ url, failOver: () => (allowed === '--failover' ? failOver(url) : Promise.resolve()) })
    return
  }
  await using topology = await startTopology()
  await example({ url: topology.url, failOver: () => failOver(topology.url) })
}

async function failOver(url: string): Promise<void> {
  await using redis = new SentinelRedis(url)
  const { from, to } = await redis.failover()
  console.log('failover:', `${from?.host}:${from?.port}`, '->', `${to?.host}:${to?.port}`)
}
