import { expect, it } from 'vitest'
import { waitUntil } from '../../../src/testkit/wait-until.js'
import { freeze, thaw } from '../harness/faults/pods.js'
import { askSentinel, podNamed, podsOf } from '../harness/redis-view.js'
import { runTrial } from '../support/trial.js'

// It hears of its successor only when it runs again, and says for a moment that it is the primary: nobody may write to it then.
it.for(['statefulset', 'deployment'])(
  'overlay %s: the primary stands still until another one is elected',
  async (overlay, context) => {
    await runTrial(
      context,
      { overlay },
      async ({ cluster, writer, before, agreed }) => {
        const primary = podNamed(cluster, before.primary)
        await freeze(primary)
        await waitUntil('another primary', 60_000, async () => {
          const views = await Promise.all(podsOf(cluster, 'sentinel').map((pod) => askSentinel(cluster, pod)))
          const names = views.map((view) => view.primary)
          return names.every((name) => name !== before.primary) ? { done: undefined } : { notYet: names.join(', ') }
        })
        await writer.untilAcked(1_000)
        await thaw(primary)
        const after = await agreed()
        expect(after.primary).not.toBe(before.primary)
        expect(primary.restarts).toBe(0)
      },
      (report) => {
        expect(report.lost).toEqual([])
        expect(report.longestGapMs).toBeLessThanOrEqual(15_000)
      }
    )
  }
)
