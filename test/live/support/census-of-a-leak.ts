// A program that leaks what its arguments say, or nothing, and takes the census that the soak takes after each failover.
import { ListenerCensus } from '../../../bench/soak/resources/listener-census.js'
import type { SampledStep } from '../../../bench/soak/resources/flatness.js'
import type { Plant } from '../../../bench/soak/records.js'

const STEPS = 24

const listeners = new ListenerCensus()
const { SentinelRedis } = await import('ioredis-sentinel')
const { PlantedLeak } = await import('../../../bench/soak/planted-leak.js')
const { takeCensus } = await import('../../../bench/soak/resources/census.js')

const client = new SentinelRedis({ name: 'nobody', sentinels: ['127.0.0.1:1'], lazyConnect: true })
const leaks = (process.argv.slice(2) as Plant[]).map((plant) => new PlantedLeak(plant, client))
const samples: SampledStep[] = []
for (let failovers = 1; failovers <= STEPS; failovers += 1) {
  for (const leak of leaks) leak.grow()
  samples.push({ failovers, resources: await takeCensus([client], listeners, false, samples.at(-1)?.resources) })
}
for (const leak of leaks) leak.remove()
client.disconnect()
process.send?.(samples, () => {
  process.disconnect()
})
