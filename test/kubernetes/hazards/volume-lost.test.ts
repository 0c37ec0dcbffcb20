import { expect, it } from 'vitest'
import { loseVolume } from '../harness/faults/pods.js'
import { runTrial } from '../support/trial.js'

// Pod 0 is where an ordinal rule would seed a second, empty primary.
it.for([
  { name: 'redis-0', forced: false },
  { name: 'redis-1', forced: false },
  { name: 'redis-1', forced: true }
])('the primary is pod 1, and $name loses its volume (by force: $forced)', async ({ name, forced }, context) => {
  await runTrial(
    context,
    { primary: 'redis-1' },
    async ({ cluster, before, agreed }) => {
      await loseVolume(cluster, cluster.pod(name), { forced })
      const after = await agreed()
      expect(after.primary !== before.primary).toBe(name === before.primary)
    },
    (report) => {
      expect(report.lost.length).toBeLessThanOrEqual(forced ? 50 : 0)
      expect(report.longestGapMs).toBeLessThanOrEqual(forced ? 15_000 : 2_000)
    }
  )
})
