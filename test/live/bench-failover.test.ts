import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Measurement } from '../../bench/failover/measurement.js'
import type { Report } from '../../bench/failover/report.js'
import { Child } from './child.js'

/** Half a minute of its own, and a busy machine takes several times as long. */
const UNHURRIED = { timeout: 240_000 }

function resultsFolder(): string {
  const out = mkdtempSync(join(tmpdir(), 'ioredis-sentinel-bench-'))
  onTestFinished(() => {
    rmSync(out, { recursive: true, force: true })
  })
  return out
}

function readResults(out: string): Report {
  return JSON.parse(readFileSync(join(out, 'failover.json'), 'utf8')) as Report
}

test(
  'bench:failover takes this client and ioredis through a failover by hand, and tells what became of it',
  UNHURRIED,
  async () => {
    const out = resultsFolder()
    const flags = ['--runs', '1', '--lanes', '2', '--faults', 'manual', '--clients', 'ours,ioredis-tuned', '--out', out]
    await using bench = new Child('bench/failover/main.ts', flags)
    expect(await bench.ended(), bench.stderr).toBe(0)

    const report = readResults(out)
    const runs = Object.fromEntries(report.runs.map((run) => [run.client, run])) as Record<string, Measurement>
    expect(Object.keys(runs).sort()).toEqual(['ioredis-tuned', 'ours'])
    expect(runs['ours']).toMatchObject({ recovered: true, lost: 0, doubled: 0, reordered: 0, failed: 0, hung: 0 })
    for (const { afterPromotionMs } of report.runs) expect(afterPromotionMs).toEqual(expect.any(Number))
    // It goes on writing to the old primary until a sentinel names the new one.
    expect(runs['ioredis-tuned']?.lost).toBeGreaterThan(0)
    expect(report.environment.packages).toHaveProperty('redis')
    expect(bench.stdout).toMatch(/manual\s+│ ioredis-sentinel/)
    expect(readFileSync(join(out, 'failover.html'), 'utf8')).toContain('data-plot="clients-manual"')
  }
)

test(
  'a replica that is frozen is thawed while the client reads on, and the first read that it executes then is seen',
  UNHURRIED,
  async () => {
    const out = resultsFolder()
    const flags = ['--runs', '1', '--faults', 'replica-freeze', '--clients', 'ours', '--out', out]
    await using bench = new Child('bench/failover/main.ts', flags)
    expect(await bench.ended(), bench.stderr).toBe(0)

    const [run] = readResults(out).runs
    expect(run).toMatchObject({ recovered: true, failed: 0, hung: 0, readsFailed: 0, readsHung: 0 })
    // Measured where nothing else runs; here no read waited for the replica, which was frozen for 3.5 s at least.
    expect(run?.longestReadMs).toBeLessThan(3000)
    expect(run?.readsBackMs).toBeGreaterThan(0)
    expect(run?.readsBackMs).toBeLessThan(10_000)
  }
)
