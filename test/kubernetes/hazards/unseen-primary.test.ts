import { expect, it } from 'vitest'
import { SHORT_TIMES } from '../harness/dns/records.js'
import { parseManifests } from '../harness/manifests/read-manifests.js'
import { commandNode, podNamed, podsOf } from '../harness/redis-view.js'
import { runTrial } from '../support/trial.js'

/** Who may connect to redis-0: the replicas and the writer always. */
const mayReach = (sentinels: 'and the sentinels' | 'not the sentinels'): string => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: who-may-reach-redis-0 }
spec:
  podSelector: { matchLabels: { statefulset.kubernetes.io/pod-name: redis-0 } }
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector: { matchLabels: { app.kubernetes.io/name: redis } }
        - podSelector: { matchLabels: { app: writer } }
${sentinels === 'and the sentinels' ? '        - podSelector: { matchLabels: { app.kubernetes.io/name: sentinel } }' : ''}
`

// They name it, since no replica could be promoted while it was away, and fail over as soon as one can: what it acknowledged in that
// second would be gone. On a cluster it is the DNS that keeps sentinels from it, each for another time, of up to 38 s.
it('a primary that is back, and not seen by the sentinels, takes no writes before it is', async (context) => {
  await runTrial(
    context,
    { primary: 'redis-0', dnsTimes: SHORT_TIMES },
    async ({ cluster, writer, agreed }) => {
      cluster.startDelayMs = (pod) => (pod === 'redis-0' ? 12_000 : 0)
      cluster.apply(parseManifests(mayReach('not the sentinels')))
      await Promise.all(podsOf(cluster, 'redis').map((pod) => cluster.deletePod(pod, { forced: true })))
      await writer.untilAcked(500)
      const [stats] = (await commandNode(cluster, podNamed(cluster, 'redis-0'), ['INFO', 'commandstats'])) as [string]
      expect(stats, 'the replicas were linked to it').toContain('cmdstat_psync:')
      expect(/cmdstat_rpush:calls=(\d+)/.exec(stats)?.[1] ?? '0', 'writes that it took').toBe('0')
      cluster.apply(parseManifests(mayReach('and the sentinels')))
      expect((await agreed()).primary).not.toBe('redis-0')
    },
    (report) => {
      expect(report.lost).toEqual([])
    }
  )
})
