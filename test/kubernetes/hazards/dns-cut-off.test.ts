import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { runTrial } from '../support/trial.js'

const CUT_MS = 120_000

// getaddrinfo stops a sentinel's event loop: it does not answer PING, and a liveness probe that asks for one kills it. Two of three
// were dead after 70 s on a cluster.
it('DNS cut off for two minutes', async (context) => {
  await runTrial(
    context,
    {},
    async ({ cluster, before, agreed }) => {
      await cluster.setDnsMode({ cut: true })
      // The fault itself is this long; there is nothing to wait for.
      await sleep(CUT_MS)
      await cluster.setDnsMode({})
      const after = await agreed()
      expect(after.primary).toBe(before.primary)
      for (const pod of cluster.pods) expect([pod.name, pod.restarts]).toEqual([pod.name, 0])
    },
    (report) => {
      expect(report.lost).toEqual([])
      expect(report.failed).toBe(0)
      expect(report.longestGapMs).toBeLessThanOrEqual(1_000)
    }
  )
})
