/** The process of the measured client: it takes turns between with and without, and sends each slice. */
import { SentinelRedis } from 'ioredis-sentinel'
import type { Throughput } from '../throughput/loops.js'
import { findParents, type SetupName, SETUPS, TRACING } from './setups.js'

export interface Task {
  readonly name: string
  readonly sentinels: readonly { readonly host: string; readonly port: number }[]
  readonly setups: readonly SetupName[]
  readonly pairs: number
  /** In a slice. */
  readonly calls: number
  readonly depth: number
}

/** Two slices beside each other: with what the setup switches on, and without. */
export interface Pair {
  readonly setup: SetupName
  readonly workload: string
  readonly on: Throughput
  readonly off: Throughput
  /** CPU time that it takes to read all metrics once, in milliseconds. */
  readonly readingMs: number
}

/**
 * So many calls, with `depth` of them in flight, after half as many that do not count: V8 gives up what it has compiled when a channel gets
 * its first subscriber, or loses its last.
 */
async function slice(call: () => Promise<unknown>, calls: number, depth: number): Promise<Throughput> {
  await issue(call, calls / 2, depth)
  const begun = performance.now()
  const before = process.cpuUsage()
  await issue(call, calls, depth)
  return { perSecond: (calls * 1000) / (performance.now() - begun), cpuUs: cpuSince(before) / calls }
}

async function issue(call: () => Promise<unknown>, calls: number, depth: number): Promise<void> {
  let left = calls
  const lane = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      await call()
    }
  }
  await Promise.all(Array.from({ length: depth }, lane))
}

function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return user + system
}

async function run({ name, sentinels, setups, pairs, calls, depth }: Task): Promise<void> {
  if (setups.some((one) => TRACING.includes(one))) findParents()
  const client = new SentinelRedis({ name, sentinels, deadlineMs: 600_000 })
  await client.set('key', 'v'.repeat(32))
  let key = 0
  const workloads: Readonly<Record<string, () => Promise<unknown>>> = {
    SET: () => client.set(`key:${key++ % 100}`, 'v'.repeat(32)),
    GET: () => client.get('key')
  }
  const both = async (
    setup: SetupName,
    call: () => Promise<unknown>,
    onFirst: boolean
  ): Promise<Omit<Pair, 'workload'>> => {
    const withIt = async (): Promise<Pick<Pair, 'on' | 'readingMs'>> => {
      const switched = SETUPS[setup].on(client)
      const on = await slice(call, calls, depth)
      const before = process.cpuUsage()
      await switched.scrape()
      const readingMs = cpuSince(before) / 1000
      switched.off()
      return { on, readingMs }
    }
    if (onFirst) {
      const first = await withIt()
      return { setup, ...first, off: await slice(call, calls, depth) }
    }
    const off = await slice(call, calls, depth)
    return { setup, off, ...(await withIt()) }
  }
  for (const setup of setups) for (const call of Object.values(workloads)) await both(setup, call, true)
  for (let pair = 0; pair < pairs; pair++)
    for (const setup of setups)
      for (const [workload, call] of Object.entries(workloads))
        process.send?.({ ...(await both(setup, call, pair % 2 === 0)), workload } satisfies Pair)
  await client.close()
}

process.on('message', (task: Task) => {
  run(task).then(
    () => {
      process.disconnect()
    },
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    }
  )
})
