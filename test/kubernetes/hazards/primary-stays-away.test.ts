import { expect, it } from 'vitest'
import { podsOf } from '../harness/redis-view.js'
import { runTrial } from '../support/trial.js'

const AWAY_MS = 240_000
/** Replicas that have not been linked since their start are held back for 65 s, and sentinels try again every 40 s. */
const GAP_LIMIT_MS = 150_000

// No replica is linked: one of them has to be promoted all the same.
it('all redis pods are deleted, and the pod of the primary stays away', (context) =>
  runTrial(
    context,
    { primary: 'redis-0' },
    async ({ cluster, writer, agreed }) => {
      cluster.startDelayMs = (pod) => (pod === 'redis-0' ? AWAY_MS : 0)
      await Promise.all(podsOf(cluster, 'redis').map((pod) => cluster.deletePod(pod)))
      // Before that pod is back, which would make two replicas of three.
      await writer.untilAcked(500, GAP_LIMIT_MS)
      const after = await agreed({ timeoutMs: 2 * AWAY_MS })
      expect(after.primary).not.toBe('redis-0')
    },
    (report) => {
      expect(report.lost).toEqual([])
      expect(report.longestGapMs).toBeLessThan(GAP_LIMIT_MS)
    }
  ))
