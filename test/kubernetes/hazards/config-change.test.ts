import { expect, it } from 'vitest'
import type { Cluster } from '../harness/cluster.js'
import { rolloutStatus } from '../harness/kubectl.js'
import { readOverlay } from '../harness/manifests/read-manifests.js'
import { commandNode, commandSentinel, podsOf } from '../harness/redis-view.js'
import { changedConfig } from '../support/edits.js'
import { runTrial } from '../support/trial.js'

const uids = (cluster: Cluster, set: 'redis' | 'sentinel'): readonly string[] =>
  podsOf(cluster, set).map(({ setup }) => setup.uid)

const DIRECTIVE = 'slowlog-max-len'

// One ConfigMap for both sets would roll both at the same time: the hook of the primary found no sentinel for 8 s on a cluster.
it('a change of redis.conf rolls the redis pods only', async (context) => {
  await runTrial(
    context,
    {},
    async ({ cluster, agreed }) => {
      const sentinels = uids(cluster, 'sentinel')
      const nodes = uids(cluster, 'redis')
      const edit = (text: string): string => `${text}\n${DIRECTIVE} 77\n`
      cluster.apply(changedConfig(readOverlay('statefulset'), 'redis-config', 'redis.conf', edit))
      await rolloutStatus(cluster, 'redis', { timeoutMs: 600_000 })
      await agreed()
      expect(uids(cluster, 'sentinel')).toEqual(sentinels)
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

/** As `SENTINEL MASTER` calls them. */
const OF_THE_GROUP = ['down-after-milliseconds', 'failover-timeout', 'parallel-syncs'] as const

async function ofTheGroup(cluster: Cluster): Promise<readonly (readonly (string | undefined)[])[]> {
  const views = podsOf(cluster, 'sentinel').map((pod) =>
    commandSentinel(cluster, pod, ['SENTINEL', 'MASTER', 'mymaster'])
  )
  return (await Promise.all(views)).map(([reply]) => {
    const words = reply as readonly string[]
    return OF_THE_GROUP.map((key) => words[words.indexOf(key) + 1])
  })
}

// Each sentinel has the old values on its volume too, among what it takes over from there (epochs, replicas, peers).
it('a change of group.conf rolls the sentinels only, which keep what they knew', async (context) => {
  await runTrial(
    context,
    { primary: 'redis-1' },
    async ({ cluster, before, agreed }) => {
      const sentinels = uids(cluster, 'sentinel')
      const nodes = uids(cluster, 'redis')
      expect(await ofTheGroup(cluster)).toEqual(Array(3).fill(['5000', '20000', '1']))
      const group = (text: string): string =>
        text
          .replace('down-after-milliseconds 5000', 'down-after-milliseconds 4000')
          .replace('parallel-syncs 1', 'parallel-syncs 2')
      cluster.apply(changedConfig(readOverlay('statefulset'), 'sentinel-config', 'group.conf', group))
      await rolloutStatus(cluster, 'sentinel', { timeoutMs: 600_000 })
      // The same primary by the same epoch, and the same ids.
      expect(await agreed()).toEqual(before)
      expect(uids(cluster, 'redis')).toEqual(nodes)
      for (const uid of uids(cluster, 'sentinel')) expect(sentinels).not.toContain(uid)
      expect(await ofTheGroup(cluster)).toEqual(Array(3).fill(['4000', '20000', '2']))
    },
    (report) => {
      expect(report.lost).toEqual([])
      expect(report.failed).toBe(0)
      expect(report.longestGapMs).toBeLessThanOrEqual(1_000)
    }
  )
})
