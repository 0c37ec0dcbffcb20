import { expect, it } from 'vitest'
import { waitUntil } from '../../../src/testkit/wait-until.js'
import { uncordon } from '../harness/kubectl.js'
import { askSentinel, podsOf } from '../harness/redis-view.js'
import { runTrial } from '../support/trial.js'

// Its pod cannot be scheduled again, so its record is gone from DNS for as long as that lasts. A sentinel that stops at a name
// which does not resolve would never fail over.
it('the name of the dead primary does not resolve', async (context) => {
  await runTrial(
    context,
    {},
    async ({ cluster, writer, before, agreed }) => {
      for (const node of [1, 2, 3]) cluster.closedNodes.add(node)
      const primary = cluster.pod(before.primary)
      // Without power it cannot hand over: the sentinels find it dead.
      await primary.powerOff()
      await cluster.deletePod(primary, { forced: true })
      await waitUntil('another primary', 60_000, async () => {
        const [first] = podsOf(cluster, 'sentinel')
        const view = first === undefined ? undefined : await askSentinel(cluster, first)
        return view !== undefined && view.primary !== before.primary ? { done: undefined } : { notYet: 'the old one' }
      })
      await writer.untilAcked(20_000)
      for (const node of [1, 2, 3]) uncordon(cluster, node)
      const after = await agreed()
      expect(after.primary).not.toBe(before.primary)
    },
    (report) => {
      // Killed under writes: what was acknowledged in its last moment and had not reached a replica is lost.
      expect(report.lost.length).toBeLessThanOrEqual(50)
      expect(report.longestGapMs).toBeLessThanOrEqual(15_000)
    }
  )
})
