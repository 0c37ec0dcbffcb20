import { expect, it } from 'vitest'
import { podNamed } from '../harness/redis-view.js'
import { runTrial } from '../support/trial.js'

// The rows of the other files are run on the overlay statefulset; here each overlay is installed and hands its primary over once.
it.for(['statefulset', 'production', 'valkey', 'deployment'])(
  'overlay %s: installed, and the primary deleted',
  async (overlay, context) => {
    await runTrial(
      context,
      { overlay },
      async ({ cluster, before, agreed }) => {
        await cluster.deletePod(podNamed(cluster, before.primary))
        const after = await agreed()
        expect(after.primary).not.toBe(before.primary)
        expect(cluster.pods.map(({ restarts }) => restarts)).toEqual(cluster.pods.map(() => 0))
      },
      (report) => {
        expect(report.lost).toEqual([])
        expect(report.longestGapMs).toBeLessThanOrEqual(2_000)
      }
    )
  }
)
