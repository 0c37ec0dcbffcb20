import { expect, it, type TestContext } from 'vitest'
import { rolloutRestart, rolloutStatus } from '../harness/kubectl.js'
import { withoutFirstTimeGate } from '../support/edits.js'
import { runTrial, type TrialOptions } from '../support/trial.js'
import type { WriterReport } from '../harness/client/writer-report.js'

const restartAll = (
  context: TestContext,
  options: TrialOptions,
  check: (report: WriterReport) => void
): Promise<void> =>
  runTrial(
    context,
    options,
    async ({ cluster, agreed }) => {
      rolloutRestart(cluster, 'redis')
      await rolloutStatus(cluster, 'redis', { timeoutMs: 600_000 })
      await agreed()
    },
    check
  )

it('rollout restart under 500 writes/s', async (context) => {
  await restartAll(context, {}, (report) => {
    expect(report.lost).toEqual([])
    expect(report.longestGapMs).toBeLessThanOrEqual(2_000)
  })
})

// The proof that the gate is what does it: sentinels and clients hold the old address of a pod that is Ready already.
it('rollout restart without the first-time gate of readiness', async (context) => {
  await restartAll(context, { edit: withoutFirstTimeGate }, (report) => {
    expect(report.lost).toEqual([])
    expect(report.longestGapMs).toBeGreaterThan(5_000)
  })
})

it('rollout restart of the sentinels', async (context) => {
  await runTrial(
    context,
    {},
    async ({ cluster, before, agreed }) => {
      rolloutRestart(cluster, 'sentinel')
      await rolloutStatus(cluster, 'sentinel', { timeoutMs: 600_000 })
      const after = await agreed()
      expect(after).toEqual(before)
    },
    (report) => {
      expect(report.lost).toEqual([])
      expect(report.longestGapMs).toBeLessThanOrEqual(1_000)
    }
  )
})
