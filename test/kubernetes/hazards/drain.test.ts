import { expect, it } from 'vitest'
import type { Pod } from '../harness/kubelet/pod.js'
import { drain, nodeOf, uncordon } from '../harness/kubectl.js'
import { podsOf } from '../harness/redis-view.js'
import { runTrial } from '../support/trial.js'

const OWNERS = ['StatefulSet redis', 'StatefulSet sentinel']

// The volumes are bound to their nodes: the pods stay Pending until the node takes pods again.
it.for(['node-1', 'node-2', 'node-3'])('drain of %s', async (name, context) => {
  const node = Number(name.slice('node-'.length))
  await runTrial(
    context,
    {},
    async ({ cluster, writer, before, agreed }) => {
      const wasThere = nodeOf(cluster.pod(before.primary)) === node
      await drain(cluster, node, OWNERS)
      await writer.untilAcked(2_000)
      uncordon(cluster, node)
      const after = await agreed()
      expect(after.primary !== before.primary).toBe(wasThere)
    },
    (report) => {
      expect(report.lost).toEqual([])
      expect(report.longestGapMs).toBeLessThanOrEqual(2_000)
    }
  )
})

// The pod of the first node waits there for its volume, not Ready: the budget has nothing left for the second one.
it('two nodes drained at once: the budgets of production let one go after the other', async (context) => {
  await runTrial(
    context,
    { overlay: 'production' },
    async ({ cluster, writer, agreed }) => {
      const redisOn = (node: number): readonly Pod[] => podsOf(cluster, 'redis').filter((pod) => nodeOf(pod) === node)
      await drain(cluster, 1, OWNERS)
      const [kept] = redisOn(2)
      const second = drain(cluster, 2, OWNERS)
      await writer.untilAcked(2_000)
      expect(kept).toBeDefined()
      expect(redisOn(2)).toEqual([kept])
      expect(kept?.terminating).toBe(false)
      expect(cluster.events.lines.join('\n')).toMatch(new RegExp(`eviction of ${kept?.name} is refused`))
      uncordon(cluster, 1)
      await second
      await writer.untilAcked(2_000)
      uncordon(cluster, 2)
      await agreed()
      expect(redisOn(2)).not.toContain(kept)
    },
    (report) => {
      expect(report.lost).toEqual([])
      expect(report.longestGapMs).toBeLessThanOrEqual(2_000)
    }
  )
})
