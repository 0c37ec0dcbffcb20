import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { waitUntil } from '../../../src/testkit/wait-until.js'
import type { Cluster } from '../harness/cluster.js'
import { freeze, loseForGood, thaw } from '../harness/faults/pods.js'
import { commandSentinel, podsOf } from '../harness/redis-view.js'
import { runTrial } from '../support/trial.js'

/** A sentinel whose timer is late by more than 2 s does not act for 30 s (sentinel.c, SENTINEL_TILT_TRIGGER and SENTINEL_TILT_PERIOD). */
const STANDS_STILL_MS = 3_000
const TILT_MS = 30_000
const DOWN_AFTER_MS = 5_000
/** From the first doubt to a primary that takes writes. */
const ELECTION_MS = 3_000

const inTilt = (cluster: Cluster): Promise<readonly boolean[]> =>
  Promise.all(
    podsOf(cluster, 'sentinel').map(async (pod) => {
      const [info] = await commandSentinel(cluster, pod, ['INFO', 'sentinel'])
      return /^sentinel_tilt:1\b/m.test(String(info))
    })
  )

/** As a node that is starved, or a look-up that nobody answers, does it to all of them at once. */
async function tilt(cluster: Cluster): Promise<void> {
  const sentinels = podsOf(cluster, 'sentinel')
  await Promise.all(sentinels.map(freeze))
  await sleep(STANDS_STILL_MS)
  await Promise.all(sentinels.map(thaw))
  await waitUntil('TILT at all sentinels', 20_000, async () => {
    const are = await inTilt(cluster)
    return are.every(Boolean) ? { done: undefined } : { notYet: are.join(', ') }
  })
}

// A sentinel in TILT says OK to SENTINEL FAILOVER and begins when TILT is over. A hook that pauses the writes before it asks would keep
// them so for 30 s: it waits for one that can act, and they go on meanwhile.
it('the primary is deleted while all sentinels are in TILT', async (context) => {
  await runTrial(
    context,
    {},
    async ({ cluster, before, agreed }) => {
      await tilt(cluster)
      await cluster.deletePod(cluster.pod(before.primary))
      const after = await agreed()
      expect(after.primary).not.toBe(before.primary)
      expect(after.configEpoch).toBe(before.configEpoch + 1)
    },
    (report) => {
      expect(report.lost).toEqual([])
      expect(report.failed).toBe(0)
      expect(report.longestGapMs).toBeLessThanOrEqual(2_000)
    }
  )
})

// Nothing can be done about it before TILT is over: the sentinels have counted how long it is silent, and act at once then.
it('the primary crashes while all sentinels are in TILT', async (context) => {
  await runTrial(
    context,
    {},
    async ({ cluster, writer, before, agreed }) => {
      await tilt(cluster)
      // Else it would be back with its data before TILT is over.
      const openItsNode = await loseForGood(cluster, cluster.pod(before.primary))
      await writer.untilAcked(2_000)
      openItsNode()
      const after = await agreed()
      expect(after.primary).not.toBe(before.primary)
    },
    (report) => {
      expect(report.lost.length).toBeLessThanOrEqual(50)
      expect(report.longestGapMs).toBeLessThanOrEqual(TILT_MS + DOWN_AFTER_MS + ELECTION_MS)
    }
  )
})
