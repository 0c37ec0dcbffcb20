/**
 * What exactlyOnce costs: the same calls as they are and exactly once, against a primary with one replica on this machine.
 *
 *   npx tsx bench/exactly-once.ts [--calls 5000] [--in-flight 100] [--rounds 3]
 *
 * Rounds alternate between both, and the median of each figure is told. Memory is that of tokens of one's own, which are kept
 * for their time to live: INFO memory before and after, and MEMORY USAGE of one. Those of the library's own are removed by
 * the calls that follow, and how many are left is told too.
 */
import Table from 'cli-table3'
import { Command } from 'commander'
import { SentinelRedis } from 'ioredis-sentinel'
import { type LocalNode, startTopology } from 'ioredis-sentinel/testkit'
import { median } from './median.js'

interface Cost {
  readonly latencyMs: number
  readonly slowMs: number
  readonly aSecond: number
  readonly serverUs: number
  readonly replicatedBytes: number
}

type Call = (client: SentinelRedis) => Promise<unknown>

const SCRIPT = `return redis.call('INCRBY', KEYS[1], ARGV[1])`

const CALLS: Readonly<Record<string, Call>> = {
  INCR: (client) => client.incr('count'),
  'SET, 1 KB': (client) => client.set('text', 'x'.repeat(1_024)),
  'a script': (client) => client.eval(SCRIPT, 1, 'scripted', 1),
  'MULTI of 5': (client) => client.multi().incr('a').incr('b').incr('c').incr('d').incr('e').exec()
}

async function info(node: LocalNode, section: string, field: string): Promise<number> {
  const text = String(await node.command('INFO', section))
  return Number(new RegExp(`^${field}:([\\d.]+)`, 'm').exec(text)?.[1])
}

const cpuSeconds = async (node: LocalNode): Promise<number> =>
  (await info(node, 'cpu', 'used_cpu_user_main_thread')) + (await info(node, 'cpu', 'used_cpu_sys_main_thread'))

async function measure(
  node: LocalNode,
  client: SentinelRedis,
  call: Call,
  calls: number,
  inFlight: number
): Promise<Cost> {
  for (let i = 0; i < 200; i++) await call(client)
  const times: number[] = []
  for (let i = 0; i < calls / 5; i++) {
    const at = performance.now()
    await call(client)
    times.push(performance.now() - at)
  }
  times.sort((a, b) => a - b)
  const cpu = await cpuSeconds(node)
  const offset = await info(node, 'replication', 'master_repl_offset')
  const began = performance.now()
  let left = calls
  const worker = async (): Promise<void> => {
    while (left-- > 0) await call(client)
  }
  await Promise.all(Array.from({ length: inFlight }, worker))
  const tookMs = performance.now() - began
  return {
    latencyMs: times[Math.floor(times.length / 2)] ?? NaN,
    slowMs: times[Math.floor(times.length * 0.99)] ?? NaN,
    aSecond: (calls / tookMs) * 1_000,
    serverUs: (((await cpuSeconds(node)) - cpu) / calls) * 1e6,
    replicatedBytes: ((await info(node, 'replication', 'master_repl_offset')) - offset) / calls
  }
}

const medianOf = (costs: readonly Cost[], field: keyof Cost): number => median(costs.map((cost) => cost[field]))

async function tokenMemory(node: LocalNode, client: SentinelRedis): Promise<string> {
  const tokens = 20_000
  await node.command('FLUSHALL')
  await client.set('count', '1000000')
  const before = await info(node, 'memory', 'used_memory')
  for (let i = 0; i < tokens; i += 500) {
    const some = Array.from({ length: 500 }, (_, at) => `00000000-0000-4000-8000-${String(i + at).padStart(12, '0')}`)
    await Promise.all(some.map((token) => client.with({ exactlyOnce: { token } }).incr('count')))
  }
  const each = ((await info(node, 'memory', 'used_memory')) - before) / tokens
  const one = String(await node.command('MEMORY', 'USAGE', 'exactly-once:00000000-0000-4000-8000-000000000000'))
  await node.command('FLUSHALL')
  const once = client.with({ exactlyOnce: true })
  for (let i = 0; i < tokens; i += 100) await Promise.all(Array.from({ length: 100 }, () => once.incr('count')))
  const left = ((await node.command('KEYS', 'exactly-once:*')) as string[]).length
  return `memory of a token (36 characters) with the reply of INCR: ${each.toFixed(0)} bytes by INFO memory over ${tokens}, ${one} by MEMORY USAGE
tokens of the library's own that are left after ${tokens} calls, 100 at once: ${left}`
}

const { calls, inFlight, rounds } = new Command()
  .option('--calls <n>', 'calls of each kind and round', Number, 5_000)
  .option('--in-flight <n>', 'calls at once', Number, 100)
  .option('--rounds <n>', 'rounds', Number, 3)
  .parse()
  .opts<{ calls: number; inFlight: number; rounds: number }>()

const topology = await startTopology({ replicas: 1, sentinels: 1 })
const client = new SentinelRedis({ name: topology.name, sentinels: topology.sentinelAddresses, readFrom: 'primary' })
try {
  const node = await topology.primary()
  const table = new Table({
    head: ['call', '', 'latency ms', 'p99 ms', 'calls/s', 'server µs', 'replicated bytes'],
    style: { head: [], border: [] }
  })
  for (const [name, call] of Object.entries(CALLS)) {
    const plain: Cost[] = []
    const once: Cost[] = []
    for (let round = 0; round < rounds; round++) {
      plain.push(await measure(node, client, call, calls, inFlight))
      once.push(await measure(node, client.with({ exactlyOnce: true }), call, calls, inFlight))
    }
    const row = (costs: readonly Cost[]): string[] => [
      medianOf(costs, 'latencyMs').toFixed(3),
      medianOf(costs, 'slowMs').toFixed(2),
      medianOf(costs, 'aSecond').toFixed(0),
      medianOf(costs, 'serverUs').toFixed(1),
      medianOf(costs, 'replicatedBytes').toFixed(0)
    ]
    const ratio = (field: keyof Cost): string => `${(medianOf(once, field) / medianOf(plain, field)).toFixed(2)} ×`
    table.push(
      [name, 'plain', ...row(plain)],
      ['', 'exactly once', ...row(once)],
      ['', '', ratio('latencyMs'), ratio('slowMs'), ratio('aSecond'), ratio('serverUs'), ratio('replicatedBytes')]
    )
  }
  console.log(table.toString())
  console.log(await tokenMemory(node, client))
} finally {
  await client.close()
  await topology.stop()
}
