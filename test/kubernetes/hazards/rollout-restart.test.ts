import { expect, it } from 'vitest'
import { rolloutRestart, rolloutStatus } from '../harness/kubectl.js'
import { withoutFirstTimeGate } from '../support/edits.js'
import { runTrial, type TrialEnd, type TrialOptions } from '../support/trial.js'
import type { TestContext } from 'vitest'

const restartAll = (context: TestContext, options: TrialOptions): Promise<TrialEnd> =>
  runTrial(context, options, async ({ cluster, agreed }) => {
    rolloutRestart(cluster, 'redis')
    await rolloutStatus(cluster, 'redis', { timeoutMs: 600_000 })
    await agreed()
  })

it('rollout restart under 500 writes/s', async (context) => {
  const { report } = await restartAll(context, {})
  expect(report.lost).toEqual([])
  expect(report.longestGapMs).toBeLessThanOrEqual(2_000)
})

// The proof that the gate is what does it: sentinels and clients hold the old address of a pod that is Ready already.
it('rollout restart without the first-time gate of readiness', async (context) => {
  const { report } = await restartAll(context, { edit: withoutFirstTimeGate })
  expect(report.lost).toEqual([])
  expect(report.longestGapMs).toBeGreaterThan(5_000)
})

it('rollout restart of the sentinels', async (context) => {
  const { report } = await runTrial(context, {}, async ({ cluster, before, agreed }) => {
    rolloutRestart(cluster, 'sentinel')
    await rolloutStatus(cluster, 'sentinel', { timeoutMs: 600_000 })
    const after = await agreed()
    expect(after).toEqual(before)
  })
  expect(report.lost).toEqual([])
  expect(report.longestGapMs).toBeLessThanOrEqual(1_000)
})
