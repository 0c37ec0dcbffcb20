import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { Writer } from '../harness/client/writer.js'
import type { Cluster } from '../harness/cluster.js'
import { rolloutRestart, rolloutStatus } from '../harness/kubectl.js'
import type { Secret } from '../harness/manifests/objects.js'
import { commandNode, commandSentinel, podsOf } from '../harness/redis-view.js'
import { runTrial } from '../support/trial.js'

const NEW = 'the-password-of-next-year'

/** 1: every server takes the old one and the new one. */
async function acceptBoth(cluster: Cluster): Promise<void> {
  const add = ['ACL', 'SETUSER', 'default', `>${NEW}`]
  for (const pod of podsOf(cluster, 'redis')) await commandNode(cluster, pod, add, ['CONFIG', 'SET', 'masterauth', NEW])
  for (const pod of podsOf(cluster, 'sentinel')) {
    await commandSentinel(
      cluster,
      pod,
      add,
      ['SENTINEL', 'SET', 'mymaster', 'auth-pass', NEW],
      ['SENTINEL', 'CONFIG', 'SET', 'sentinel-pass', NEW]
    )
  }
}

/** 2: the Secret, and with it the files that scripts and probes read each time. */
async function changeSecret(cluster: Cluster): Promise<void> {
  const secret = cluster.objects.get<Secret>('Secret', 'redis-auth')
  const keys = Object.keys({ ...secret.data, ...secret.stringData })
  const { data: _data, ...rest } = secret
  cluster.apply([{ ...rest, stringData: Object.fromEntries(keys.map((key) => [key, NEW])) } as Secret])
  await sleep(cluster.latencies.volumeUpdateMs + 1_000)
}

it('rotation of the password', async (context) => {
  await runTrial(
    context,
    {},
    async ({ cluster, writer, agreed }) => {
      await acceptBoth(cluster)
      await changeSecret(cluster)
      // 3: the applications, which read it when they start; two of them here, so that one always writes.
      const next = await Writer.start(cluster, { name: 'writer-next' })
      const first = await writer.stop()
      expect(first.lost).toEqual([])
      // 4: the servers forget the old one.
      rolloutRestart(cluster, 'redis')
      await rolloutStatus(cluster, 'redis', { timeoutMs: 600_000 })
      rolloutRestart(cluster, 'sentinel')
      await rolloutStatus(cluster, 'sentinel', { timeoutMs: 600_000 })
      await agreed()
      return next
    },
    (report) => {
      expect(report.lost).toEqual([])
      expect(report.longestGapMs).toBeLessThanOrEqual(2_000)
    }
  )
})
