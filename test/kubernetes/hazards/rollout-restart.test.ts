import { expect, it } from 'vitest'
import { rolloutRestart, rolloutStatus } from '../harness/kubectl.js'
import { withoutFirstTimeGate } from '../support/edits.js'
import { SeenWhenReady } from '../support/seen-when-ready.js'
import { runTrial } from '../support/trial.js'

/** More than half of three. */
const MAJORITY = 2

it('rollout restart under 500 writes/s', async (context) => {
  await runTrial(
    context,
    {},
    async ({ cluster, agreed }) => {
      const seen = new SeenWhenReady(cluster)
      rolloutRestart(cluster, 'redis')
      await rolloutStatus(cluster, 'redis', { timeoutMs: 600_000 })
      await agreed()
      const counts = await seen.stop()
      expect(counts.length).toBe(3)
      for (const { sentinels } of counts) expect(sentinels).toBeGreaterThanOrEqual(MAJORITY)
    },
    (report) => {
      expect(report.lost).toEqual([])
      expect(report.longestGapMs).toBeLessThanOrEqual(2_000)
    }
  )
})

// Writes do not notice: the next hook waits until a sentinel has somebody to hand over to. A primary that dies is not waited for:
// first-time-gate.test.ts.
it('without the first-time gate of readiness, pods are Ready before the sentinels reach them', async (context) => {
  await runTrial(
    context,
    { edit: withoutFirstTimeGate },
    async ({ cluster, agreed }) => {
      const seen = new SeenWhenReady(cluster)
      rolloutRestart(cluster, 'redis')
      await rolloutStatus(cluster, 'redis', { timeoutMs: 600_000 })
      await agreed()
      const counts = await seen.stop()
      expect(Math.min(...counts.map(({ sentinels }) => sentinels))).toBeLessThan(MAJORITY)
    },
    (report) => {
      expect(report.lost).toEqual([])
    }
  )
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
