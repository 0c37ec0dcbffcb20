import { expect, it } from 'vitest'
import { waitUntil } from '../../../src/testkit/wait-until.js'
import { loseForGood } from '../harness/faults/pods.js'
import { nameOf, podsOf } from '../harness/redis-view.js'
import { withoutFirstTimeGate } from '../support/edits.js'
import { runTrial } from '../support/trial.js'

/** More than down-after and an election, less than DNS's memory of the addresses that the replicas had. */
const LONGEST_GAP_MS = 15_000

// Whoever renews pods one after the other, a rollout or a drain, takes Ready for "the next one may go". What is Ready must therefore be
// able to take over at once: when the primary dies at that moment, nobody waits for anybody.
it.for([
  { edit: undefined, does: 'with the first-time gate of readiness' },
  { edit: withoutFirstTimeGate, does: 'without the first-time gate of readiness' }
])('$does: the primary dies when both replicas have been renewed and are Ready', async ({ edit }, context) => {
  await runTrial(
    context,
    edit === undefined ? {} : { edit },
    async ({ cluster, writer, before, agreed, faultBegins }) => {
      for (const old of podsOf(cluster, 'redis').filter((pod) => nameOf(pod) !== before.primary)) {
        await cluster.deletePod(old)
        await waitUntil(`${old.name} is Ready again`, 120_000, () => {
          const next = podsOf(cluster, 'redis').find((pod) => pod.name === old.name)
          return Promise.resolve(
            next !== undefined && next.setup.uid !== old.setup.uid && next.ready
              ? { done: undefined }
              : { notYet: next?.phase ?? 'gone' }
          )
        })
      }
      faultBegins()
      const openItsNode = await loseForGood(cluster, cluster.pod(before.primary))
      await writer.untilAcked(2_000)
      openItsNode()
      const after = await agreed()
      expect(after.primary).not.toBe(before.primary)
    },
    (report) => {
      // Killed under writes: what was acknowledged in its last moment and had not reached a replica is lost.
      expect(report.lost.length).toBeLessThanOrEqual(50)
      if (edit === undefined) expect(report.longestGapMs).toBeLessThanOrEqual(LONGEST_GAP_MS)
      else expect(report.longestGapMs).toBeGreaterThan(LONGEST_GAP_MS)
    }
  )
})
