import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { Writer } from '../harness/client/writer.js'
import type { Cluster } from '../harness/cluster.js'
import { rolloutRestart, rolloutStatus } from '../harness/kubectl.js'
import type { Secret } from '../harness/manifests/objects.js'
import { accessOf } from '../harness/redis-access.js'
import { podsOf } from '../harness/redis-view.js'
import { mustExec } from '../support/exec.js'
import { runTrial } from '../support/trial.js'

const NEW = 'the-password-of-next-year'

/** Step by step what docs/kubernetes.md says. */
async function rotate(cluster: Cluster, keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    for (const step of ['accept', 'use']) {
      for (const pod of [...podsOf(cluster, 'redis'), ...podsOf(cluster, 'sentinel')])
        await mustExec(pod, ['sh', '/config/rotate.sh', step, key], NEW)
    }
  }
  const secret = cluster.objects.get<Secret>('Secret', 'redis-auth')
  const changed = Object.fromEntries(keys.map((key) => [key, Buffer.from(NEW).toString('base64')]))
  const { stringData = {}, ...rest } = secret
  const kept = Object.fromEntries(Object.entries(stringData).filter(([key]) => !keys.includes(key)))
  cluster.apply([{ ...rest, stringData: kept, data: { ...secret.data, ...changed } } as Secret])
  // The scripts and probes read the mounted files each time.
  await sleep(cluster.latencies.volumeUpdateMs + 1_000)
}

/** What a password that is right or wrong is answered, at each pod that knows the key's user. */
async function answers(cluster: Cluster, key: string, password: string): Promise<string[]> {
  const access = accessOf(cluster)
  const isSentinels = key === 'sentinel-password'
  const targets = podsOf(cluster, isSentinels ? 'sentinel' : 'redis').map(({ address = '' }) =>
    isSentinels ? access.sentinel(address) : { ...access.node(address), user: key.slice('user-'.length) }
  )
  return Promise.all(
    targets.map((target) =>
      // Who may not even PING has come in all the same.
      cluster.process.call('ask', { ...target, password }, [], 3_000).then(
        () => 'OK',
        (error: unknown) => String(error)
      )
    )
  )
}

it.for([
  { overlay: 'statefulset', keys: ['user-default', 'sentinel-password'] },
  { overlay: 'production', keys: ['user-app', 'user-sentinel', 'user-replication', 'user-probe', 'sentinel-password'] }
])('rotation of the passwords of overlay $overlay', async ({ overlay, keys }, context) => {
  await runTrial(
    context,
    { overlay },
    async ({ cluster, writer, agreed }) => {
      const old = new Map(keys.map((key) => [key, cluster.objects.secret('redis-auth')?.[key]?.toString('utf8') ?? '']))
      await rotate(cluster, keys)
      // The applications read it when they start; two of them here, so that one always writes.
      const next = await Writer.start(cluster, { name: 'writer-next' })
      const first = await writer.stop()
      expect(first.lost).toEqual([])
      // The servers forget the old one.
      rolloutRestart(cluster, 'redis')
      await rolloutStatus(cluster, 'redis', { timeoutMs: 600_000 })
      rolloutRestart(cluster, 'sentinel')
      await rolloutStatus(cluster, 'sentinel', { timeoutMs: 600_000 })
      await agreed()
      for (const [key, password] of old) {
        expect(await answers(cluster, key, NEW)).toEqual(['OK', 'OK', 'OK'])
        for (const answer of await answers(cluster, key, password)) expect(answer, key).toContain('WRONGPASS')
      }
      return next
    },
    (report) => {
      expect(report.lost).toEqual([])
      expect(report.longestGapMs).toBeLessThanOrEqual(2_000)
    }
  )
})
