import { type FailoverTimeline, SentinelRedis } from 'ioredis-sentinel'
import {
  type Address,
  injectFault,
  Ledger,
  type LocalTopology,
  ReadProbe,
  startTopology
} from 'ioredis-sentinel/testkit'
import { describeEnvironment } from '../environment.js'
import { until } from '../until.js'
import type { RecordedCall, Recording } from './recording.js'

const BEFORE_MS = 300
const AFTER_MS = 300
const TOPOLOGY =
  '1 primary, 2 replicas, 3 sentinels, each a process of its own on this machine; down-after-milliseconds 1000'

/** One failover: the primary is killed under a client that writes and reads every 5 ms. */
export async function record(): Promise<Recording> {
  await using topology = await startTopology({ replicas: 2, sentinels: 3, downAfterMs: 1000 })
  await using redis = new SentinelRedis(topology.url)
  await redis.set('key', 'value')
  const watch = topology.watchPromotions()
  const writes = new Ledger({ write: (id) => redis.rpush('ledger', id), everyMs: 5 })
  const reads = new ReadProbe({ read: () => redis.get('key'), everyMs: 5 })
  await until('calls before the fault', 10_000, () => span(writes.entries) > BEFORE_MS * 2)
  const over = new Promise<FailoverTimeline>((resolve) => redis.once('failover', resolve))
  const { at } = await injectFault(topology, 'kill')
  const report = await over
  await until('calls after it', 10_000, () => Date.now() > report.endedAt + AFTER_MS)
  await Promise.all([writes.stop(), reads.stop()])
  watch.stop()
  const [promotion] = watch.promotions
  if (promotion === undefined) throw new Error('nobody was promoted')

  const named = nameAll(topology, promotion.node)
  const inWindow = ([issuedAt]: RecordedCall): boolean =>
    issuedAt >= -BEFORE_MS && issuedAt <= report.endedAt + AFTER_MS - at
  const call = (one: { issuedAt: number; settledAt?: number; outcome: string }): RecordedCall => [
    tenth(one.issuedAt - at),
    tenth((one.settledAt ?? Infinity) - at),
    one.outcome
  ]
  return {
    environment: describeEnvironment(TOPOLOGY),
    fault: 'SIGKILL to the primary',
    promotedAt: tenth(promotion.at - at),
    entries: report.entries.map(({ at: when, who, what, detail }) => ({
      at: tenth(when - at),
      who: named(who),
      what,
      ...(detail !== undefined && { detail: named(detail) })
    })),
    held: report.held,
    longestHoldMs: tenth(report.longestHoldMs),
    unknown: report.unknown,
    writes: writes.entries.map(call).filter(inWindow),
    reads: reads.entries.map(call).filter(inWindow)
  }
}

const tenth = (ms: number): number => Math.round(ms * 10) / 10

function span(entries: readonly { readonly issuedAt: number }[]): number {
  return (entries.at(-1)?.issuedAt ?? 0) - (entries.at(0)?.issuedAt ?? 0)
}

/** Addresses differ from run to run, and say nothing to a reader. */
function nameAll(topology: LocalTopology, promoted: LocalTopology['nodes'][number]): (text: string) => string {
  const { nodes, sentinels } = topology
  const names = new Map<string, string>()
  for (const node of nodes) names.set(key(node), node === nodes[0] ? 'old' : node === promoted ? 'new' : 'other')
  sentinels.forEach((sentinel, index) => names.set(key(sentinel), String(index + 1)))
  return (text) => [...names].reduce((so, [address, name]) => so.replaceAll(address, name), text)
}

const key = ({ address }: { readonly address: Address }): string => `${address.host}:${address.port}`
