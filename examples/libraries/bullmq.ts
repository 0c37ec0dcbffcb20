/**
 * BullMQ: a queue, a worker and a flow, through a failover.
 *
 *   npx tsx examples/libraries/bullmq.ts
 *   npx tsx examples/libraries/bullmq.ts redis+sentinel://127.0.0.1:26379,127.0.0.1:26380/mymaster --failover
 *
 * Without a URL it starts a group of its own on this machine. It fails the group over meanwhile: its own, or with --failover yours.
 */
import { FlowProducer, Queue, Worker } from 'bullmq'
import { SentinelRedis } from 'ioredis-sentinel'
import { onGroup } from './lib/group.js'

const PAGES = 20

await onGroup(async ({ url, throughFailover }) => {
  await using redis = new SentinelRedis(url, { maxRetriesPerRequest: null, readFrom: 'primary' })
  const connection = redis.with({ exactlyOnce: true })

  const queue = new Queue('example', { connection })
  const flows = new FlowProducer({ connection })
  const worker = new Worker('example', async ({ name }) => name, { connection, concurrency: 10 })
  worker.on('error', (error) => console.error(error))
  const done = new Map<string, number>()
  const all = new Promise<void>((resolve) => {
    worker.on('completed', ({ name, id = '' }) => {
      done.set(id, (done.get(id) ?? 0) + 1)
      if (name === 'report') resolve()
    })
  })

  const jobs = await throughFailover((n) => queue.add('mail', { n }))
  const children = Array.from({ length: PAGES }, (_, n) => ({ name: 'page', data: { n }, queueName: queue.name }))
  await flows.add({ name: 'report', queueName: queue.name, children })
  await all

  const twice = [...done.values()].filter((times) => times > 1).length
  console.log(`${done.size} of ${jobs + PAGES + 1} jobs done, ${twice} of them twice`)
  await Promise.all([worker.close(), queue.close(), flows.close()])
})
