import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
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
      const [said] = await hookSays(primary, /not all replicas hold everything: [^\n]*[ ;]-1 /)
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

// What the old primary sends its replicas after the promotion is no part of the new one's history, and a PING is enough: both it and they
// would have to copy all data, and until then the new one takes no writes.
it('replicas that are pinged every second go on with the next primary where they are', async (context) => {
  await runTrial(
    context,
    {},
    async ({ cluster, writer, before, agreed }) => {
      const primary = podNamed(cluster, before.primary)
      await commandNode(cluster, primary, ['CONFIG', 'SET', 'repl-ping-replica-period', '1'])
      const gone = cluster.deletePod(primary)
      const [, name] = await hookSays(primary, /handed over to (redis-\d)\./)
      const next = podNamed(cluster, name ?? '')
      const resynchronised = async (): Promise<{ full: number; partial: number }> => {
        const [stats] = (await commandNode(cluster, next, ['INFO', 'stats'])) as [string]
        const count = (field: string): number => Number(new RegExp(`^${field}:(\\d+)`, 'm').exec(stats)?.[1])
        return { full: count('sync_full'), partial: count('sync_partial_ok') }
      }
      const one = async (): Promise<boolean> => Object.values(await resynchronised()).some((times) => times > 0)
      await vi.waitUntil(one, { timeout: 20_000, interval: 50 })
      expect(await resynchronised()).toMatchObject({ full: 0 })
      await gone
      await writer.untilAcked(1_000)
      await agreed()
    },
    (report) => {
      expect(report.lost).toEqual([])
    }
  )
})
