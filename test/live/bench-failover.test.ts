import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Measurement } from '../../bench/failover/measurement.js'
import type { Report } from '../../bench/failover/report.js'
import { Child } from './child.js'

test('bench:failover takes this client and ioredis through a failover by hand, and tells what became of it', async () => {
  const out = mkdtempSync(join(tmpdir(), 'ioredis-sentinel-bench-'))
  onTestFinished(() => {
    rmSync(out, { recursive: true, force: true })
  })
  const flags = ['--runs', '1', '--lanes', '2', '--faults', 'manual', '--clients', 'ours,ioredis-tuned', '--out', out]
  await using bench = new Child('bench/failover/main.ts', flags)
  expect(await bench.ended(), bench.stderr).toBe(0)

  const report = JSON.parse(readFileSync(join(out, 'failover.json'), 'utf8')) as Report
  const runs = Object.fromEntries(report.runs.map((run) => [run.client, run])) as Record<string, Measurement>
  expect(Object.keys(runs).sort()).toEqual(['ioredis-tuned', 'ours'])
  expect(runs['ours']).toMatchObject({ recovered: true, lost: 0, doubled: 0, reordered: 0, failed: 0, hung: 0 })
  expect(runs['ours']?.afterPromotionMs).toBeLessThan(runs['ioredis-tuned']?.afterPromotionMs ?? 0)
  // It goes on writing to the old primary until a sentinel names the new one.
  expect(runs['ioredis-tuned']?.lost).toBeGreaterThan(0)
  expect(report.environment.packages).toHaveProperty('redis')
  expect(bench.stdout).toMatch(/manual\s+│ ioredis-sentinel/)
  expect(readFileSync(join(out, 'failover.html'), 'utf8')).toContain('data-plot="clients-manual"')
})
