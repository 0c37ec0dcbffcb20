import { expect, it } from 'vitest'
import { drain, nodeOf, uncordon } from '../harness/kubectl.js'
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
