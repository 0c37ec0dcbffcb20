import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { rolloutRestart, rolloutStatus } from '../harness/kubectl.js'
import { podsOf } from '../harness/redis-view.js'
import { runTrial } from '../support/trial.js'
import { readOverlay } from '../harness/manifests/read-manifests.js'
import type { Certificate } from '../support/users-part.js'

// A sentinel reads its certificate when it starts and never again, so both sets are rolled.
it('rotation of the certificates', async (context) => {
  const wanted = readOverlay('production').find(({ kind }) => kind === 'Certificate') as Certificate
  await runTrial(
    context,
    { overlay: 'production' },
    async ({ cluster, authority, agreed }) => {
      const fingerprints = async (): Promise<readonly string[]> =>
        Promise.all(
          [...podsOf(cluster, 'redis'), ...podsOf(cluster, 'sentinel')].map((pod) =>
            cluster.process.call('certificateOf', pod.address ?? '', pod.name.startsWith('redis') ? 6379 : 26_379)
          )
        )
      const before = await fingerprints()
      expect(new Set(before).size).toBe(1)
      const next = await authority?.issue(wanted.spec.secretName, cluster.namespace, wanted.spec.dnsNames)
      if (next !== undefined) cluster.apply([next])
      await sleep(cluster.latencies.volumeUpdateMs + 1_000)
      rolloutRestart(cluster, 'redis')
      await rolloutStatus(cluster, 'redis', { timeoutMs: 600_000 })
      rolloutRestart(cluster, 'sentinel')
      await rolloutStatus(cluster, 'sentinel', { timeoutMs: 600_000 })
      await agreed()
      const after = await fingerprints()
      expect(new Set(after).size).toBe(1)
      expect(after[0]).not.toBe(before[0])
    },
    (report) => {
      expect(report.lost).toEqual([])
      expect(report.longestGapMs).toBeLessThanOrEqual(2_000)
    }
  )
})
