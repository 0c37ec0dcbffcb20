import { expect, it } from 'vitest'
import { KUBEADM_TIMES } from '../harness/dns/records.js'
import { podsOf } from '../harness/redis-view.js'
import { runTrial } from '../support/trial.js'

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
