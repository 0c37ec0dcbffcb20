/**
 * How long after a promotion the first write is acknowledged, with the client at its defaults and a write every 5 ms.
 *
 *   npx tsx bench/promotion.ts [--runs 10] [--faults kill,freeze,partition,manual]
 *
 * The promotion is seen by a watch of its own on the nodes (ROLE every 2 ms), so a figure can be about 2 ms low. `partition`
 * needs root.
 */
import Table from 'cli-table3'
import { Command } from 'commander'
import { SentinelRedis } from 'ioredis-sentinel'
import { type Fault, FAULTS, injectFault, Ledger, startTopology } from 'ioredis-sentinel/testkit'
import { setTimeout as sleep } from 'node:timers/promises'

interface Run {
  readonly afterPromotionMs: number
  readonly longestGapMs: number
  readonly unknown: number
  readonly failed: number
  readonly lost: number
}

async function measure(fault: Fault): Promise<Run> {
  const topology = await startTopology({ replicas: 2, sentinels: 3, downAfterMs: 1_000, failoverTimeoutMs: 10_000 })
  const client = new SentinelRedis({ name: topology.name, sentinels: topology.sentinelAddresses })
  try {
    await client.set('begin', 'now')
    const promoted = new Promise<number>((resolve) => {
      topology.watchPromotions((promotion) => {
        resolve(promotion.at)
      })
    })
    const moved = new Promise<void>((resolve) => {
      client.once('failover', () => {
        resolve()
      })
    })
    const ledger = new Ledger({ write: (id) => client.rpush('ledger', id) })
    await sleep(500 + Math.random() * 500)
    const { heal } = await injectFault(topology, fault)
    await moved
    const at = await promoted
    await sleep(300)
    await ledger.stop()
    const list = await client.lrange('ledger', 0, -1)
    const report = ledger.compare(list)
    await heal()
    return {
      afterPromotionMs: firstAckAfter(ledger, at) - at,
      longestGapMs: report.longestGapMs,
      unknown: report.unknown,
      failed: report.failed,
      lost: report.lost.length
    }
  } finally {
    await client.close()
    await topology.stop()
  }
}

/** Acks of the new primary come after the promotion was done, so the first one settled near it counts, even just before the watch saw it. */
function firstAckAfter(ledger: Ledger, promotedAt: number): number {
  const acks = ledger.entries
    .flatMap((entry) => (entry.outcome === 'acked' ? (entry.settledAt ?? []) : []))
    .sort((a, b) => a - b)
  let gapEnd = Infinity
  for (let i = 1; i < acks.length; i++) {
    const [before, ack] = [acks[i - 1] ?? 0, acks[i] ?? 0]
    if (ack >= promotedAt - 25 && ack - before > 25) gapEnd = Math.min(gapEnd, ack)
  }
  return gapEnd === Infinity ? (acks.find((ack) => ack >= promotedAt) ?? NaN) : gapEnd
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  return sorted.length % 2 === 1
    ? (sorted[Math.floor(middle)] ?? NaN)
    : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2
}

const program = new Command('bench/promotion')
  .option('--runs <n>', 'runs of each fault', '10')
  .option('--faults <list>', 'comma-separated', 'kill,freeze,partition,manual')
  .parse()
const options = program.opts<{ runs: string; faults: string }>()
const runs = Number(options.runs)
if (!Number.isInteger(runs) || runs < 1) program.error(`--runs is "${options.runs}"; allowed is a whole number from 1`)
const faults = options.faults.split(',')
for (const fault of faults) {
  if (!Object.hasOwn(FAULTS, fault))
    program.error(`--faults has "${fault}"; allowed: ${Object.keys(FAULTS).join(', ')}`)
}

const table = new Table({
  head: [
    'fault',
    'runs',
    'after promotion, ms: median',
    'worst',
    'longest write gap, ms: median',
    'unknown (most)',
    'failed',
    'lost (most)'
  ]
})
for (const fault of faults as Fault[]) {
  const results: Run[] = []
  for (let run = 0; run < runs; run++) results.push(await measure(fault))
  const of = (field: keyof Run): number[] => results.map((result) => result[field])
  table.push([
    fault,
    runs,
    median(of('afterPromotionMs')).toFixed(1),
    Math.max(...of('afterPromotionMs')).toFixed(1),
    median(of('longestGapMs')).toFixed(0),
    Math.max(...of('unknown')),
    Math.max(...of('failed')),
    Math.max(...of('lost'))
  ])
}
console.log(table.toString())
