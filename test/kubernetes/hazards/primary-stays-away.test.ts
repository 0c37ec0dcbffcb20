import { describe, expect, it, type TestContext } from 'vitest'
import { podsOf } from '../harness/redis-view.js'
import { runTrial } from '../support/trial.js'

const AWAY_MS = 240_000
/** Replicas that have not been linked since their start are held back for 65 s, and sentinels try again every 40 s. */
const GAP_LIMIT_MS = 150_000

/** Often enough that something is acknowledged in the milliseconds that the primary takes to see that its last replica is gone. */
const WRITES_EVERY_MS = 0.5

/** In the instant in which all lose their power, what the primary had acknowledged may be on its way to the replicas. */
const LOSS_LIMIT = 500

function primaryStaysAway(context: TestContext, forced: boolean, lossLimit: number): Promise<void> {
  return runTrial(
    context,
    { primary: 'redis-0', writer: forced ? {} : { everyMs: WRITES_EVERY_MS } },
    async ({ cluster, writer, agreed }) => {
      cluster.startDelayMs = (pod) => (pod === 'redis-0' ? AWAY_MS : 0)
      await Promise.all(podsOf(cluster, 'redis').map((pod) => cluster.deletePod(pod, { forced })))
      // Before that pod is back, which would make two replicas of three.
      await writer.untilAcked(500, GAP_LIMIT_MS)
      const after = await agreed({ timeoutMs: 2 * AWAY_MS })
      expect(after.primary).not.toBe('redis-0')
    },
    (report) => {
      expect(report.lost.length).toBeLessThanOrEqual(lossLimit)
      expect(report.longestGapMs).toBeLessThan(GAP_LIMIT_MS)
    }
  )
}

describe('the pod of the primary stays away', () => {
  it('when all redis pods are deleted: it hands over to one that is back', (context) =>
    primaryStaysAway(context, false, 0))

  // No replica is linked then: one of them has to be promoted all the same.
  it('when all redis pods are deleted by force: a replica is promoted that was held back', (context) =>
    primaryStaysAway(context, true, LOSS_LIMIT))
})
