import { expect, it } from 'vitest'
import { loseVolume } from '../harness/faults/pods.js'
import { podsOf } from '../harness/redis-view.js'
import { runTrial } from '../support/trial.js'

// New ones begin at epoch 0: they find the primary by asking the redis pods, and writes go on meanwhile.
it('all sentinels and their volumes replaced at once', async (context) => {
  await runTrial(
    context,
    { primary: 'redis-1' },
    async ({ cluster, before, agreed }) => {
      await Promise.all(podsOf(cluster, 'sentinel').map((pod) => loseVolume(cluster, pod, { forced: true })))
      const after = await agreed({ newSentinels: true })
      expect(after.primary).toBe(before.primary)
    },
    (report) => {
      expect(report.lost).toEqual([])
      expect(report.failed).toBe(0)
      expect(report.longestGapMs).toBeLessThanOrEqual(1_000)
    }
  )
})

// A client that keeps a fence by epoch has to drop it when a majority of new sentinels agrees on a lower one.
it('all sentinels replaced, then a handover', async (context) => {
  await runTrial(
    context,
    { primary: 'redis-1' },
    async ({ cluster, before, agreed }) => {
      await Promise.all(podsOf(cluster, 'sentinel').map((pod) => loseVolume(cluster, pod, { forced: true })))
      await agreed({ newSentinels: true })
      await cluster.deletePod(cluster.pod(before.primary))
      const after = await agreed({ newSentinels: true })
      expect(after.primary).not.toBe(before.primary)
    },
    (report) => {
      expect(report.lost).toEqual([])
      expect(report.longestGapMs).toBeLessThanOrEqual(2_000)
    }
  )
})
