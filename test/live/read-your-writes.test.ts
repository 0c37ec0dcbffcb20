import type { SentinelRedisOptions } from 'ioredis-sentinel'
import { FailoverFailedError } from 'ioredis-sentinel'
import type { LocalTopology } from 'ioredis-sentinel/testkit'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Random } from '../simulation/random.js'
import { usable } from './support/client-view.js'
import { clientOf, settleSoon, startQuickTopology } from './support/clients.js'
import { holdBack } from './support/held-back.js'
import type { ProgramReport } from './support/own-writes-program.js'
import { runProgram } from './support/own-writes-program.js'

// No read misses a write of its own client, whatever it was written by and however far the replicas are behind.
//
//   READ_YOUR_WRITES_SEEDS=1-100 npx vitest run --project live test/live/read-your-writes.test.ts
//
// One seed again: READ_YOUR_WRITES_SEEDS=17. docs/reliability.md tells what was found by it.

const [FIRST, LAST] = seedsOf(process.env['READ_YOUR_WRITES_SEEDS'] ?? '1-8')
const SEEDS = LAST - FIRST + 1
const CALLERS = 5
const STEPS = 120
const LONGEST_LAG_MS = 2_000
/** Of so many seeds one fails the group over half way, and one collects its calls by auto-pipelining. */
const FAILOVER_EVERY = 5
const AUTO_EVERY = 3

let topology: LocalTopology

beforeAll(async () => {
  // Sentinels that look away: replicas that lag stay listed as healthy.
  topology = await startQuickTopology({ downAfterMs: 300_000 })
})
afterAll(() => topology.stop())

function seedsOf(text: string): readonly [number, number] {
  const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? []
  if (first === undefined) throw new Error(`READ_YOUR_WRITES_SEEDS is "${text}"; allowed is a seed, or two as 1-100`)
  return [Number(first), Number(last)]
}

/** Holds the replicas back, now one, now another, now all, for up to `LONGEST_LAG_MS` at a time. */
class Lag {
  readonly #over = new AbortController()
  readonly #turns: Promise<void>[]

  private constructor(random: Random, replicas: Awaited<ReturnType<LocalTopology['replicas']>>) {
    this.#turns = replicas.map(async (replica, index) => {
      const own = new Random(random.below(2 ** 30) + index)
      while (!this.#over.signal.aborted) {
        const release = await holdBack(replica)
        await this.#pause(own.between(50, own.chance(0.2) ? LONGEST_LAG_MS : LONGEST_LAG_MS / 4))
        await release()
        await this.#pause(own.between(0, 200))
      }
    })
  }

  static async of(random: Random): Promise<Lag> {
    return new Lag(random, await topology.replicas())
  }

  async end(): Promise<void> {
    this.#over.abort()
    await Promise.all(this.#turns)
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#over.signal }).catch(() => undefined)
  }
}

interface SeedReport extends ProgramReport {
  readonly seed: number
  readonly onReplicas: number
  readonly failedOver: boolean
}

async function runSeed(seed: number, options: Partial<SentinelRedisOptions> = {}): Promise<SeedReport> {
  const random = new Random(seed)
  const autoPipelining = seed % AUTO_EVERY === 0
  const failsOver = seed % FAILOVER_EVERY === 0
  await using client = clientOf(topology, { enableAutoPipelining: autoPipelining, ...options })
  await usable(client, 2)
  let lag = await Lag.of(random)
  let failedOver = false
  try {
    const report = await runProgram(client, {
      seed,
      callers: CALLERS,
      steps: STEPS,
      autoPipelining,
      ...(failsOver && {
        halfway: async () => {
          await lag.end()
          failedOver = await client.failover({ patienceMs: 0 }).then(
            () => true,
            (error: unknown) => {
              if (error instanceof FailoverFailedError) return false
              throw error
            }
          )
          lag = await Lag.of(random)
        }
      })
    })
    return { ...report, seed, onReplicas: client.stats().readsOnReplicas, failedOver }
  } finally {
    await lag.end()
    if (failsOver) await settleSoon(topology)
  }
}

function sum(reports: readonly SeedReport[], of: (report: SeedReport) => number): number {
  return reports.reduce((total, report) => total + of(report), 0)
}

test('no read misses a write of its own client', { timeout: 60_000 + SEEDS * 15_000 }, async () => {
  const reports: SeedReport[] = []
  for (let seed = FIRST; seed <= LAST; seed += 1) {
    const report = await runSeed(seed)
    expect([`seed ${seed}`, ...report.misses, ...report.errors]).toEqual([`seed ${seed}`])
    reports.push(report)
  }
  const [reads, onReplicas] = [sum(reports, (one) => one.reads), sum(reports, (one) => one.onReplicas)]
  const failovers = reports.filter((one) => one.failedOver).length
  console.log(
    `${SEEDS} seeds: ${sum(reports, (one) => one.writes)} writes, ${reads} reads, ${onReplicas} of them at replicas, ${failovers} failovers`
  )
  // Replicas did answer: else nothing was put to the test.
  expect(onReplicas / reads).toBeGreaterThan(0.1)
})

test('the same programs miss writes when replicas answer at once: replication did lag', async () => {
  const report = await runSeed(FIRST, { consistency: 'eventual' })
  expect(report.errors).toEqual([])
  expect(report.misses.length).toBeGreaterThan(0)
})
