import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { rolloutRestart, rolloutStatus } from '../harness/kubectl.js'
import { podsOf } from '../harness/redis-view.js'
import { mustExec } from '../support/exec.js'
import { runTrial } from '../support/trial.js'
import { readOverlay } from '../harness/manifests/read-manifests.js'
import type { Certificate } from '../support/users-part.js'

/** As docs/kubernetes.md has it. */
const READ_AGAIN =
  '. /config/lib.sh; ask_node 127.0.0.1 CONFIG SET tls-cert-file /tls/tls.crt tls-key-file /tls/tls.key tls-ca-cert-file /tls/ca.crt'

// Redis reads its certificate again when told; a sentinel reads it when it starts and never again.
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
      for (const pod of podsOf(cluster, 'redis')) expect(await mustExec(pod, ['sh', '-c', READ_AGAIN])).toContain('OK')
      rolloutRestart(cluster, 'sentinel')
      await rolloutStatus(cluster, 'sentinel', { timeoutMs: 600_000 })
      await agreed()
      const after = await fingerprints()
      expect(new Set(after).size).toBe(1)
      expect(after[0]).not.toBe(before[0])
    },
    (report) => {
      expect(report.lost).toEqual([])
      expect(report.longestGapMs).toBeLessThanOrEqual(1_000)
    }
  )
})
