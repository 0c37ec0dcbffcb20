import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { Plant } from '../../bench/soak/records.js'
import type { SampledStep } from '../../bench/soak/resources/flatness.js'
import { judgeFlatness } from '../../bench/soak/resources/flatness.js'
import { runSoak } from '../../bench/soak/run-soak.js'

// The short form of `npm run soak`: docs/reliability.md tells what it holds to be right, and the figures of the long one.

const FAILOVERS = 5

test(
  'mixed load through a few failovers: nothing lost, doubled or hung, and nothing left behind',
  { timeout: 590_000 },
  async () => {
    const report = await runSoak({
      failovers: FAILOVERS,
      seed: 1,
      faults: ['manual', 'kill', 'freeze', 'restart'],
      minutes: 8,
      downAfterMs: 1_000,
      bail: true
    })
    expect(report.failures).toEqual([])
    expect(report.failovers).toBeGreaterThanOrEqual(FAILOVERS)
    expect(report.trends.map(({ resource }) => resource)).toContain('clientListeners')
    for (const step of report.steps) expect(step.calls).toBeGreaterThan(500)
  }
)

async function growing(...plants: readonly Plant[]): Promise<readonly string[]> {
  const program = fileURLToPath(new URL('support/census-of-a-leak.ts', import.meta.url))
  const execArgv = ['--import', 'tsx', '--expose-gc', '--disable-warning=ExperimentalWarning']
  const child = fork(program, plants, { execArgv })
  const [samples] = (await once(child, 'message')) as [SampledStep[]]
  await once(child, 'close')
  return judgeFlatness(samples).flatMap(({ resource, flat }) => (flat ? [] : [resource]))
}

test('leaks that are planted are found', async () => {
  expect(await growing('listener', 'map', 'timer')).toEqual(
    expect.arrayContaining(['clientListeners', 'heapUsed', 'activeTimers'])
  )
})

test('where none is planted none is found', async () => {
  expect(await growing()).toEqual([])
})
