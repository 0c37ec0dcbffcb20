import { expect, it } from 'vitest'
import { SHORT_TIMES } from '../harness/dns/records.js'
import { rolloutRestart, rolloutStatus } from '../harness/kubectl.js'
import { runTrial } from '../support/trial.js'

// DNS answers are kept for 1 s here, so that this is quick: hazards/rollout-restart.test.ts has 30 s, and what depends on them.
it('a rollout restart of all redis pods costs less than two seconds a handover and no write', async (context) => {
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
      expect(report.longestGapMs).toBeLessThanOrEqual(2_000)
    }
  )
})
