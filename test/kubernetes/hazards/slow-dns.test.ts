import { expect, it } from 'vitest'
import { runTrial } from '../support/trial.js'

const SLOW_MS = 700

// Every answer takes 0.7 s, which is 1.4 s for a name with its two kinds of addresses on a resolver that asks in turn. Looking up
// stops all of Sentinel meanwhile.
it('the primary crashes while DNS is slow', async (context) => {
  await runTrial(
    context,
    {},
    async ({ cluster, before, agreed, faultBegins }) => {
      await cluster.setDnsMode({ delayMs: SLOW_MS })
      faultBegins()
      const primary = cluster.pod(before.primary)
      await cluster.deletePod(primary, { forced: true })
      await agreed({ timeoutMs: 240_000 })
      for (const pod of cluster.pods) expect([pod.name, pod.restarts]).toEqual([pod.name, 0])
      await cluster.setDnsMode({})
    },
    (report) => {
      expect(report.lost.length).toBeLessThanOrEqual(50)
      expect(report.longestGapMs).toBeLessThanOrEqual(30_000)
    }
  )
})
