/** The process of one measured client: it sets up what it is told, once, and then measures a slice whenever it is asked. */
import { SentinelRedis } from 'ioredis-sentinel'
import { inRounds, type Throughput } from '../throughput/loops.js'
import type { Question, Reading, Task, Workload } from './messages.js'
import { findParents, SETUPS, withinSpan } from './setups.js'

async function run({ name, sentinels, setup, parents, calls, depth }: Task): Promise<void> {
  if (parents) findParents()
  const client = new SentinelRedis({ name, sentinels, deadlineMs: 600_000 })
  const switched = SETUPS[setup].on(client)
  const first = (): Promise<unknown> => client.set('key', 'v'.repeat(32))
  await (parents ? withinSpan(first) : first())
  let key = 0
  const made: Readonly<Record<Workload, () => Promise<unknown>>> = {
    SET: () => client.set(`key:${key++ % 100}`, 'v'.repeat(32)),
    GET: () => client.get('key')
  }
  const slice = async (call: () => Promise<unknown>): Promise<Throughput> => {
    // It begins out of nothing, as no application does whose throughput matters: a tenth of it goes before.
    await inRounds(call, depth, calls / 10)
    const begun = performance.now()
    const before = process.cpuUsage()
    const made = await inRounds(call, depth, calls)
    return { perSecond: (made * 1000) / (performance.now() - begun), cpuUs: cpuSince(before) / made }
  }
  const read = async (): Promise<Reading> => {
    const before = process.cpuUsage()
    await switched.scrape()
    return { readingMs: cpuSince(before) / 1000 }
  }
  process.on('message', (question: Question) => {
    void (question === 'read' ? read() : slice(made[question])).then((answer) => process.send?.(answer), failed)
  })
  process.once('disconnect', () => {
    switched.off()
    void client.close()
  })
  process.send?.('ready')
}

function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return user + system
}

function failed(error: unknown): void {
  console.error(error)
  process.exit(1)
}

process.once('message', (task: Task) => {
  run(task).catch(failed)
})
