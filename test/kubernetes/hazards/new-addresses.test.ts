import { expect, it } from 'vitest'
import { runTrial } from '../support/trial.js'

const PODS = ['redis-2', 'redis-1', 'redis-0', 'sentinel-2', 'sentinel-1', 'sentinel-0']

it('every pod, one after the other, comes back with a new address', async (context) => {
  await runTrial(
    context,
    {},
    async ({ cluster, agreed }) => {
      for (const name of PODS) {
        const { address } = cluster.pod(name)
        await cluster.deletePod(cluster.pod(name))
        await agreed()
        expect(cluster.pod(name).address).not.toBe(address)
      }
    },
    (report) => {
      expect(report.lost).toEqual([])
      expect(report.longestGapMs).toBeLessThanOrEqual(2_000)
    }
  )
})
