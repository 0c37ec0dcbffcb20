import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { SHORT_TIMES } from '../harness/dns/records.js'
import { rolloutRestart, rolloutStatus } from '../harness/kubectl.js'
import { podsOf } from '../harness/redis-view.js'
import { runTrial } from '../support/trial.js'

/** What a sentinel writes when enough of them miss the primary: without the hook, no failover begins before it. */
const MISSED = /^.*\+odown master.*$/gm

// It runs beside other tests, which keep the processors busy: that a handover takes less than two seconds is what
// hazards/rollout-restart.test.ts shows. DNS answers are kept for 1 s here, so that this is quick; there they are for 30 s.
it('a rollout restart of all redis pods moves the primary before any sentinel misses it, and costs no write', async (context) => {
  await runTrial(
    context,
    { dnsTimes: SHORT_TIMES },
    async ({ cluster, before, agreed }) => {
      rolloutRestart(cluster, 'redis')
      await rolloutStatus(cluster, 'redis')
      const after = await agreed()
      expect(after.primary).not.toBe(before.primary)
      expect(after.configEpoch).toBeGreaterThan(before.configEpoch)
      const logs = podsOf(cluster, 'sentinel').map((pod) => readFileSync(pod.logFile('sentinel'), 'utf8'))
      expect(logs.join('\n')).toMatch(/\+switch-master/)
      expect(logs.flatMap((log) => log.match(MISSED) ?? [])).toEqual([])
    },
    (report) => {
      expect(report.lost).toEqual([])
      expect(report.failed).toBe(0)
    }
  )
})
