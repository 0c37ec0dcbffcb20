import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ROOT } from '../../../scripts/lib/root.mjs'
import { runDocument } from '../documents/run-document.js'
import { Cluster } from '../harness/cluster.js'
import { SHORT_TIMES } from '../harness/dns/records.js'
import { needsCluster } from '../harness/needs-linux-root.js'
import { explained } from '../support/explained.js'

// What `npm run docs:kubernetes` has written.
it('every block of docs/playing-around.md runs, and prints what is documented', async (context) => {
  needsCluster(context)
  const document = readFileSync(join(ROOT, 'docs/playing-around.md'), 'utf8')
  const cluster = await Cluster.start({ dnsTimes: SHORT_TIMES })
  try {
    const { failures, differences } = await runDocument(cluster, document, { cwd: ROOT })
    expect(failures).toEqual([])
    expect(differences).toEqual([])
  } catch (error) {
    throw explained(error, cluster, context.task.name)
  } finally {
    await cluster.stop()
  }
})
