/** The process of the measured client: it takes turns between with and without, and sends each slice. */
import { SentinelRedis } from 'ioredis-sentinel'
import { setTimeout as sleep } from 'node:timers/promises'
import { closedLoop, type Throughput } from '../throughput/loops.js'
import { findParents, type SetupName, SETUPS, type Switched, TRACING } from './setups.js'

export interface Task {
  readonly name: string
  readonly sentinels: readonly { readonly host: string; readonly port: number }[]
  readonly setups: readonly SetupName[]
  readonly pairs: number
  readonly ms: number
  readonly depth: number
}

/** Two slices beside each other: with what the setup switches on, and without. */
export interface Pair {
  readonly setup: SetupName
  readonly workload: string
  readonly on: Throughput
  readonly off: Throughput
}

const WARM_MS = 50

async function run({ name, sentinels, setups, pairs, ms, depth }: Task): Promise<void> {
  if (setups.some((one) => TRACING.includes(one))) findParents()
  const client = new SentinelRedis({ name, sentinels })
  await client.set('key', 'v'.repeat(32))
  let key = 0
  const workloads: Readonly<Record<string, () => Promise<unknown>>> = {
    SET: () => client.set(`key:${key++ % 100}`, 'v'.repeat(32)),
    GET: () => client.get('key')
  }
  const slice = async (call: () => Promise<unknown>, switched?: Switched): Promise<Throughput> => {
    const measured = closedLoop(call, depth, WARM_MS, ms)
    await sleep(WARM_MS + ms / 2)
    await switched?.scrape()
    return measured
  }
  const both = async (setup: SetupName, call: () => Promise<unknown>, onFirst: boolean): Promise<Omit<Pair, 'workload'>> => {
    const withIt = async (): Promise<Throughput> => {
      const switched = SETUPS[setup].on(client)
      const result = await slice(call, switched)
      switched.off()
      return result
    }
    if (onFirst) {
      const on = await withIt()
      return { setup, on, off: await slice(call) }
    }
    const off = await slice(call)
    return { setup, off, on: await withIt() }
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
