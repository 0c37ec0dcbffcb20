import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { waitUntil } from '../../../src/testkit/wait-until.js'
import type { Cluster } from '../harness/cluster.js'
import { SHORT_TIMES } from '../harness/dns/records.js'
import { rolloutRestart, rolloutStatus, scale } from '../harness/kubectl.js'
import type { Pod } from '../harness/kubelet/pod.js'
import { readOverlay } from '../harness/manifests/read-manifests.js'
import { commandNode } from '../harness/redis-view.js'
import { bundled } from '../support/bundles.js'
import { runTrial } from '../support/trial.js'

const LIST = 'ioredis-sentinel:example'

/** One line of what the examples say of themselves. */
interface LogLine {
  readonly msg: string
  readonly kind?: string
  readonly id?: number
  readonly outcome?: string
  readonly issued?: { readonly write: number }
  readonly notSettled?: number
}

/** `kubectl scale --replicas=0`, which lets it end in order; resolves with what it said. */
async function ended(cluster: Cluster, name: string): Promise<readonly LogLine[]> {
  const isIts = (pod: Pod): boolean => pod.setup.owner === `Deployment ${name}`
  const pod = cluster.pods.find(isIts)
  if (pod === undefined) throw new Error(`there is no pod of ${name}`)
  const file = pod.logFile(pod.container().name)
  scale(cluster, name, 0, 'Deployment')
  await waitUntil(`the end of ${name}`, 60_000, async () =>
    cluster.pods.some(isIts) ? { notYet: 'it is there' } : { done: undefined }
  )
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as LogLine)
}

// Experiment 9 of docs/playing-around.md: the examples' own manifests and code, in a pod beside the writer of all trials.
it('restart everything under load: the examples keep what they acknowledged', async (context) => {
  const examples = [...(await bundled('redis', 'writer', 'reader')), ...readOverlay('examples')]
  await runTrial(
    context,
    { dnsTimes: SHORT_TIMES, edit: (objects) => [...objects, ...examples] },
    async ({ cluster, agreed, faultBegins }) => {
      for (const name of ['example-writer', 'example-reader'])
        await rolloutStatus(cluster, name, { kind: 'Deployment', timeoutMs: 60_000 })
      faultBegins()
      rolloutRestart(cluster, 'redis')
      await rolloutStatus(cluster, 'redis')
      const after = await agreed()

      const said = await ended(cluster, 'example-writer')
      const last = said.at(-1)
      expect(last).toMatchObject({ msg: 'ended', notSettled: 0 })
      expect(said.filter(({ msg }) => msg === 'the primary changed').length).toBeGreaterThan(0)
      const unsure = said.filter(({ msg, kind }) => msg === 'a write was not acknowledged' && kind === 'write')
      expect(unsure.filter(({ outcome }) => outcome !== 'unknown')).toEqual([])
      const [list] = await commandNode(cluster, cluster.pod(after.primary), ['LRANGE', LIST, '0', '-1'])
      const ids = (list as string[]).map((entry) => Number(entry.slice(entry.lastIndexOf(':') + 1)))
      const acked = Array.from({ length: last?.issued?.write ?? 0 }, (_, index) => index + 1).filter(
        (id) => !unsure.some((each) => each.id === id)
      )
      const present = new Set(ids)
      expect(acked.length).toBeGreaterThan(1_000)
      expect(acked.filter((id) => !present.has(id))).toEqual([])
      expect(ids.length).toBe(present.size)
      expect(await ended(cluster, 'example-reader')).toContainEqual(expect.objectContaining({ msg: 'ended' }))
    },
    (report) => {
      expect(report.lost).toEqual([])
      expect(report.longestGapMs).toBeLessThanOrEqual(2_000)
    }
  )
})
