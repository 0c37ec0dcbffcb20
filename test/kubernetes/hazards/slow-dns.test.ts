import { expect, it } from 'vitest'
import { runTrial } from '../support/trial.js'

/**
 * A sentinel looks up two names for each hello of each other sentinel at each node, all on the one thread that it has: about 12 in
 * two seconds here. So it has no time for anything else once a look-up takes more than about 150 ms; with 700 ms two of three
 * were not Ready again within four minutes.
 */
const SLOW_MS = 100

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
