import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { DEPTHS } from '../../bench/throughput/catalogue.js'
import type { Report } from '../../bench/throughput/report-files.js'
import { Child } from './child.js'

test('bench:throughput measures a load at every depth, and tells calls a second', async () => {
  const out = mkdtempSync(join(tmpdir(), 'ioredis-sentinel-bench-'))
  onTestFinished(() => {
    rmSync(out, { recursive: true, force: true })
  })
  const flags = ['--rounds', '1', '--ms', '400', '--workloads', 'multi', '--clients', 'ours', '--out', out]
  await using bench = new Child('bench/throughput/main.ts', flags)
  expect(await bench.ended(), bench.stderr).toBe(0)
  const { runs } = JSON.parse(readFileSync(join(out, 'throughput.json'), 'utf8')) as Report
  expect(new Set(runs.closed.map(({ depth }) => depth))).toEqual(new Set(DEPTHS))
  for (const { perSecond } of runs.closed) expect(perSecond).toBeGreaterThan(0)
  expect(bench.stdout).toMatch(/^multi\n[^]*ioredis-sentinel/)
})
