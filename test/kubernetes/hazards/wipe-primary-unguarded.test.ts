import { expect, it } from 'vitest'
import { commandNode } from '../harness/redis-view.js'
import { editFile } from '../support/edits.js'
import { runTrial } from '../support/trial.js'

// The proof that it is the guard of decide.sh which saves the data, and that the harness has the hazard.
it('without the guard, a primary that returns empty makes its replicas empty', async (context) => {
  await runTrial(
    context,
    {
      edit: (objects) =>
        editFile(objects, 'redis-config', 'decide.sh', (text) =>
          text.replace(/^( +)give_way$/m, "$1be primary 'the sentinels name this pod'")
        )
    },
    async ({ cluster, before, agreed }) => {
      const pod = cluster.pod(before.primary)
      await pod.container().exec(['sh', '-c', 'rm -rf /data/*'], 5_000)
      await commandNode(cluster, pod, ['SHUTDOWN', 'NOSAVE']).catch(() => undefined)
      const after = await agreed()
      expect(after.primary).toBe(before.primary)
    },
    (report) => {
      expect(report.lost.length).toBeGreaterThan(300)
    }
  )
})
