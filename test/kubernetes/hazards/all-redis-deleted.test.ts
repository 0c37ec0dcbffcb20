import { join } from 'node:path'
import { expect, it } from 'vitest'
import { KUBEADM_TIMES } from '../harness/dns/records.js'
import { podsOf } from '../harness/redis-view.js'
import { runTrial } from '../support/trial.js'
import { untilSaid } from '../support/until-said.js'

const DNS_MS = KUBEADM_TIMES.cacheSeconds * 1000

// Nobody is left to hand over to: a hook that waits for a replica which is gone would pause writes for 45 s.
it('three redis pods deleted at once, gracefully', async (context) => {
  await runTrial(
    context,
    {},
    async ({ cluster, agreed }) => {
      await Promise.all(podsOf(cluster, 'redis').map((pod) => cluster.deletePod(pod)))
      await agreed()
    },
    (report) => {
      expect(report.lost).toEqual([])
      expect(report.longestGapMs).toBeLessThanOrEqual(DNS_MS + 10_000)
    }
  )
})

// The one that is chosen begins to end in that moment: what it acknowledges as the primary must not go with it.
it('the replicas are deleted, gracefully, when the hook of the primary has asked for a failover', async (context) => {
  await runTrial(
    context,
    {},
    async ({ cluster, before, agreed }) => {
      const [primary, ...replicas] = podsOf(cluster, 'redis').toSorted(
        (a, b) => Number(b.name === before.primary) - Number(a.name === before.primary)
      )
      if (primary === undefined) throw new Error('no redis pod')
      const ended = cluster.deletePod(primary)
      await untilSaid(
        `the hook of ${primary.name}`,
        () => join(primary.volumeFolder('data'), 'prestop.log'),
        /asked the sentinel/,
        30_000
      )
      await Promise.all([ended, ...replicas.map((pod) => cluster.deletePod(pod))])
      await agreed()
    },
    (report) => {
      expect(report.lost).toEqual([])
      expect(report.longestGapMs).toBeLessThanOrEqual(DNS_MS + 10_000)
    }
  )
})
