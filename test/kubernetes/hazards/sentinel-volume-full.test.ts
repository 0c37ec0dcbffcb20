import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { fillVolume } from '../harness/faults/pods.js'
import { podsOf } from '../harness/redis-view.js'
import { mustExec } from '../support/exec.js'
import { runTrial } from '../support/trial.js'

/** What Sentinel says each time, and all that it does about it. */
const CANNOT_SAVE = /Sentinel was not able to save the new configuration on disk.*No space left on device/

// They go on with what they have in memory. Who is started again later has the state of before, and learns the rest from its peers.
it('the volumes of all sentinels are full', async (context) => {
  await runTrial(
    context,
    {},
    async ({ cluster, before, agreed }) => {
      for (const pod of podsOf(cluster, 'sentinel')) await fillVolume(pod, '/data')
      await cluster.deletePod(cluster.pod(before.primary))
      const after = await agreed()
      expect(after.primary).not.toBe(before.primary)
      expect(after.ids).toEqual(before.ids)
      for (const pod of podsOf(cluster, 'sentinel')) {
        expect([pod.name, pod.restarts]).toEqual([pod.name, 0])
        expect(readFileSync(pod.logFile('sentinel'), 'utf8')).toMatch(CANNOT_SAVE)
        // It remembers the old primary.
        expect(await mustExec(pod, ['grep', 'sentinel monitor', '/data/sentinel.conf'])).toContain(`${before.primary}.`)
      }
      await cluster.deletePod(cluster.pod('sentinel-0'))
      expect(await agreed()).toEqual(after)
    },
    (report) => {
      expect(report.lost).toEqual([])
      expect(report.failed).toBe(0)
      expect(report.longestGapMs).toBeLessThanOrEqual(2_000)
    }
  )
})
