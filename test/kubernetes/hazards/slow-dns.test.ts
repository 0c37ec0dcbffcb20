import { expect, it } from 'vitest'
import { runTrial } from '../support/trial.js'

/**
 * A sentinel looks up a name for each hello that it hears, six a second here, on the one thread that it has, and more in a failover.
 * With 100 ms each one of three was not Ready again within four minutes, with 700 ms two of three.
 */
const SLOW_MS = 50

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
