import { expect, it } from 'vitest'
import { SHORT_TIMES } from '../harness/dns/records.js'
import { rolloutRestart, rolloutStatus } from '../harness/kubectl.js'
import { runTrial } from '../support/trial.js'

/** `down-after-milliseconds` of the overlays: without the hook no sentinel begins sooner, and an election comes after it. */
const DOWN_AFTER_MS = 5_000

// It runs beside other tests, which keep the processors busy: that a handover takes less than two seconds is what
// hazards/rollout-restart.test.ts shows. DNS answers are kept for 1 s here, so that this is quick; there they are for 30 s.
it('a rollout restart of all redis pods costs less than it takes to miss a primary, and no write', async (context) => {
  await runTrial(
    context,
    { dnsTimes: SHORT_TIMES },
    async ({ cluster, before, agreed }) => {
      rolloutRestart(cluster, 'redis')
      await rolloutStatus(cluster, 'redis')
      const after = await agreed()
      expect(after.primary).not.toBe(before.primary)
      expect(after.configEpoch).toBeGreaterThan(before.configEpoch)
    },
    (report) => {
      expect(report.lost).toEqual([])
      expect(report.failed).toBe(0)
      expect(report.longestGapMs).toBeLessThan(DOWN_AFTER_MS)
    }
  )
})
