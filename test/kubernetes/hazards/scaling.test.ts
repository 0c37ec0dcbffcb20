import { expect, it } from 'vitest'
import { rolloutStatus, scale } from '../harness/kubectl.js'
import { podsOf } from '../harness/redis-view.js'
import { waitUntil } from '../../../src/testkit/wait-until.js'
import { runTrial } from '../support/trial.js'

it('3 → 5 → 3', async (context) => {
  await runTrial(
    context,
    {},
    async ({ cluster, before, agreed }) => {
      scale(cluster, 'redis', 5)
      await rolloutStatus(cluster, 'redis')
      await agreed()
      scale(cluster, 'redis', 3)
      // SENTINEL RESET is never automatic, so the two stay listed.
      const after = await agreed({ ghosts: ['redis-3', 'redis-4'] })
      expect(after).toEqual(before)
    },
    (report) => {
      expect(report.lost).toEqual([])
      expect(report.longestGapMs).toBeLessThanOrEqual(1_000)
    }
  )
})

it('3 → 0 → 3, the primary is pod 2', async (context) => {
  await runTrial(
    context,
    { primary: 'redis-2' },
    async ({ cluster, before, agreed, faultBegins }) => {
      scale(cluster, 'redis', 0)
      await waitUntil('no redis pod', 120_000, async () =>
        podsOf(cluster, 'redis').length === 0 ? { done: undefined } : { notYet: podsOf(cluster, 'redis').join(', ') }
      )
      scale(cluster, 'redis', 3)
      faultBegins()
      const after = await agreed()
      expect(after.primary).toBe(before.primary)
    },
    (report) => {
      expect(report.lost).toEqual([])
      // 69 s on a cluster, most of it replicas in their first connect to a cached old address.
      expect(report.longestGapMs).toBeLessThanOrEqual(50_000)
    }
  )
})
