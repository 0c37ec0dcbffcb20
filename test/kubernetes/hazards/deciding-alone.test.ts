import { expect, it } from 'vitest'
import { waitUntil } from '../../../src/testkit/wait-until.js'
import type { Cluster } from '../harness/cluster.js'
import { scale } from '../harness/kubectl.js'
import { commandNode, podsOf } from '../harness/redis-view.js'
import { runTrial } from '../support/trial.js'
import { untilSaid } from '../support/until-said.js'

/** Cluster DNS keeps "there is no such pod" for as long, and what decides alone waits for 65 s. */
const DECIDED_WITHIN_MS = 180_000

async function noneLeft(cluster: Cluster, set: 'redis' | 'sentinel'): Promise<void> {
  scale(cluster, set, 0)
  await waitUntil(`no ${set} pod`, 120_000, async () => {
    const left = podsOf(cluster, set)
    return left.length === 0 ? { done: undefined } : { notYet: left.map(({ name }) => name).join(', ') }
  })
}

/** The redis pod of this name that runs now has said so. */
async function says(cluster: Cluster, name: string, pattern: RegExp): Promise<void> {
  await untilSaid(name, () => cluster.pod(name).logFile('redis'), pattern, DECIDED_WITHIN_MS)
}

// The restore of docs/kubernetes.md rests on this: whoever was the primary last is it again, though nobody can be asked.
it('no sentinel comes back: each volume remembers its role', async (context) => {
  await runTrial(
    context,
    { primary: 'redis-1' },
    async ({ cluster, before, agreed }) => {
      await Promise.all([noneLeft(cluster, 'redis'), noneLeft(cluster, 'sentinel')])
      scale(cluster, 'redis', 3)
      await says(cluster, 'redis-1', /the last role of this volume was: primary/)
      scale(cluster, 'sentinel', 3)
      const after = await agreed({ timeoutMs: 300_000 })
      expect(after.primary).toBe(before.primary)
    },
    (report) => {
      expect(report.lost).toEqual([])
    }
  )
})

it('no sentinel answers: a replica that comes back follows the only primary, and chooses none of two', async (context) => {
  await runTrial(
    context,
    { primary: 'redis-1' },
    async ({ cluster, writer, before, agreed }) => {
      await noneLeft(cluster, 'sentinel')
      await cluster.deletePod(cluster.pod('redis-0'))
      await says(cluster, 'redis-0', /redis-1\.\S+ is the only primary/)
      await writer.untilAcked(500)

      const [[, host]] = (await commandNode(cluster, cluster.pod('redis-2'), ['ROLE'])) as [[string, string]]
      await commandNode(cluster, cluster.pod('redis-2'), ['REPLICAOF', 'NO', 'ONE'])
      await cluster.deletePod(cluster.pod('redis-0'))
      await says(cluster, 'redis-0', /there is more than one primary/)

      await commandNode(cluster, cluster.pod('redis-2'), ['REPLICAOF', host, '6379'])
      await says(cluster, 'redis-0', /redis-1\.\S+ is the only primary/)
      scale(cluster, 'sentinel', 3)
      const after = await agreed({ timeoutMs: 300_000 })
      expect(after.primary).toBe(before.primary)
    },
    (report) => {
      // Writes wait while nobody follows the primary (min-replicas-to-write 1): one replica calls itself a primary, the other waits.
      expect(report.lost).toEqual([])
    }
  )
})
