import { expect, it } from 'vitest'
import type { Cluster } from '../harness/cluster.js'
import { rolloutStatus, setImage } from '../harness/kubectl.js'
import { podsOf } from '../harness/redis-view.js'
import { runTrial } from '../support/trial.js'

const NEWER = 'redis:8.4.6'

const images = (cluster: Cluster, set: 'redis' | 'sentinel'): readonly (string | undefined)[] =>
  podsOf(cluster, set).map(({ setup }) => setup.spec.containers[0]?.image)

// An older redis cannot always follow a newer primary. With the primary at pod 0 it moves once, at the end, and to a newer one; were it
// pod 2, it would move to an old one and from there to whichever is chosen, up to three times. The programs are the same here.
it('an upgrade of the images, redis before the sentinels, as docs/kubernetes.md has it', async (context) => {
  await runTrial(
    context,
    { primary: 'redis-0' },
    async ({ cluster, before, agreed }) => {
      const old = images(cluster, 'redis')
      expect(old).not.toContain(NEWER)
      setImage(cluster, 'redis', NEWER)
      await rolloutStatus(cluster, 'redis', { timeoutMs: 600_000 })
      expect(images(cluster, 'redis')).toEqual([NEWER, NEWER, NEWER])
      expect(images(cluster, 'sentinel')).toEqual(old)
      const moved = await agreed()
      expect(moved.primary).not.toBe(before.primary)
      expect(moved.configEpoch).toBe(before.configEpoch + 1)
      expect(moved.ids).toEqual(before.ids)

      setImage(cluster, 'sentinel', NEWER)
      await rolloutStatus(cluster, 'sentinel', { timeoutMs: 600_000 })
      expect(images(cluster, 'sentinel')).toEqual([NEWER, NEWER, NEWER])
      expect(await agreed()).toEqual(moved)
    },
    (report) => {
      expect(report.lost).toEqual([])
      expect(report.failed).toBe(0)
      expect(report.longestGapMs).toBeLessThanOrEqual(2_000)
    }
  )
})
