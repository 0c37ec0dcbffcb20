import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { freeze, thaw } from '../harness/faults/pods.js'
import type { Pod } from '../harness/kubelet/pod.js'
import { commandNode, podNamed, podsOf } from '../harness/redis-view.js'
import { runTrial } from '../support/trial.js'
import { untilSaid } from '../support/until-said.js'

const ASKED = /asked the sentinel at (\S+) for a failover: OK/

/** What the hook of a pod has said, once that fits. */
async function hookSays(pod: Pod, pattern: RegExp): Promise<RegExpExecArray> {
  return untilSaid(`the hook of ${pod.name}`, () => join(pod.volumeFolder('data'), 'prestop.log'), pattern, 30_000)
}

// What the others say of a failover that one of them leads is nothing: they call the old primary the primary until they are told.
it.for([5_000, 12_000])('the sentinel that was asked to fail over is silent for %i ms', async (silentMs, context) => {
  await runTrial(
    context,
    {},
    async ({ cluster, writer, before, agreed }) => {
      const primary = podNamed(cluster, before.primary)
      const gone = cluster.deletePod(primary)
      const [, address] = await hookSays(primary, ASKED)
      const asked = podsOf(cluster, 'sentinel').filter((pod) => pod.address === address)
      expect(asked).toHaveLength(1)
      await Promise.all(asked.map(freeze))
      await sleep(silentMs)
      await Promise.all(asked.map(thaw))
      await gone
      await writer.untilAcked(1_000)
      await agreed()
    },
    (report) => {
      expect(report.lost).toEqual([])
    }
  )
})

// Sentinels look at replicas every 10 s, and may choose one whose link has broken since.
it('a replica that is cut off from the primary just before is waited for', async (context) => {
  await runTrial(
    context,
    {},
    async ({ cluster, writer, before, agreed }) => {
      const primary = podNamed(cluster, before.primary)
      const [replica] = podsOf(cluster, 'redis').filter((pod) => pod !== primary)
      if (replica === undefined) throw new Error('there is no replica')
      const [[, password]] = (await commandNode(cluster, replica, ['CONFIG', 'GET', 'masterauth'])) as [string[]]
      const mayFollow = (word = ''): Promise<unknown> =>
        commandNode(cluster, replica, ['CONFIG', 'SET', 'masterauth', word], ['CLIENT', 'KILL', 'TYPE', 'master'])
      await mayFollow('not-the-one')
      const gone = cluster.deletePod(primary)
      const [said] = await hookSays(primary, /not all replicas hold everything: offset and priority are [^,]*-1\b/s)
      expect(said).not.toMatch(ASKED)
      await mayFollow(password)
      await gone
      await writer.untilAcked(1_000)
      expect((await agreed()).primary).not.toBe(before.primary)
    },
    (report) => {
      expect(report.lost).toEqual([])
    }
  )
})
