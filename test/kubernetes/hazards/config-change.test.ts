import { expect, it } from 'vitest'
import { rolloutStatus } from '../harness/kubectl.js'
import { readOverlay } from '../harness/manifests/read-manifests.js'
import { commandNode, podsOf } from '../harness/redis-view.js'
import { changedConfig } from '../support/edits.js'
import { runTrial } from '../support/trial.js'

const DIRECTIVE = 'slowlog-max-len'

// One ConfigMap for both sets would roll both at the same time: the hook of the primary found no sentinel for 8 s on a cluster.
it('a change of redis.conf rolls the redis pods only', async (context) => {
  await runTrial(
    context,
    {},
    async ({ cluster, agreed }) => {
      const sentinels = podsOf(cluster, 'sentinel').map(({ setup }) => setup.uid)
      const nodes = podsOf(cluster, 'redis').map(({ setup }) => setup.uid)
      const edit = (text: string): string => `${text}\n${DIRECTIVE} 77\n`
      cluster.apply(changedConfig(readOverlay('statefulset'), 'redis-config', 'redis.conf', edit))
      await rolloutStatus(cluster, 'redis', { timeoutMs: 600_000 })
      await agreed()
      expect(podsOf(cluster, 'sentinel').map(({ setup }) => setup.uid)).toEqual(sentinels)
      for (const pod of podsOf(cluster, 'redis')) {
        expect(nodes).not.toContain(pod.setup.uid)
        expect(await commandNode(cluster, pod, ['CONFIG', 'GET', DIRECTIVE])).toEqual([[DIRECTIVE, '77']])
      }
    },
    (report) => {
      expect(report.lost).toEqual([])
      expect(report.longestGapMs).toBeLessThanOrEqual(2_000)
    }
  )
})
