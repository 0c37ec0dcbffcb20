import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { commandNode, podsOf } from '../harness/redis-view.js'
import { editFile } from '../support/edits.js'
import { runTrial } from '../support/trial.js'

/**
 * Redis waits so long at each command that it loads, and as long as the system takes to wake it: what 60 GB take, these small ones
 * take here. It answers clients after every 1024 commands of an append only file (redis `aof.c` loadSingleAppendOnlyFile()), which
 * must not take much longer than a real one's 2 MB (`loading-process-events-interval-bytes`): the more commands, the shorter each
 * may be.
 */
const DELAY_US = 60
const COMMANDS = 600_000
/** A script stops everybody else for as long as it takes. */
const AT_ONCE = 5_000
const FILL = `for i = 1, ${AT_ONCE} do redis.call('SET', 'filled:' .. i % 1000, i) end`
const LEAST_SECONDS = 60

// A probe that kills a server which is LOADING makes it begin again, for ever.
it('all redis pods load for more than a minute', async (context) => {
  const slowly = `key-load-delay ${DELAY_US}\nloading-process-events-interval-bytes 1024\n`
  await runTrial(
    context,
    { edit: (objects) => editFile(objects, 'redis-config', 'redis.conf', (text) => `${text}\n${slowly}`) },
    async ({ cluster, writer, before, agreed, faultBegins }) => {
      for (let filled = 0; filled < COMMANDS; filled += AT_ONCE)
        await commandNode(cluster, cluster.pod(before.primary), ['EVAL', FILL, '0'])
      await writer.untilAcked(1_000)
      faultBegins()
      await Promise.all(podsOf(cluster, 'redis').map((pod) => cluster.deletePod(pod)))
      const after = await agreed({ timeoutMs: 400_000 })
      expect(after.primary).toBe(before.primary)
      for (const pod of cluster.pods) expect([pod.name, pod.restarts]).toEqual([pod.name, 0])
      const log = readFileSync(cluster.pod(after.primary).logFile('redis'), 'utf8')
      const seconds = /DB loaded from append only file: ([0-9.]+) seconds/.exec(log)?.[1]
      expect(Number(seconds)).toBeGreaterThan(LEAST_SECONDS)
    },
    (report) => {
      expect(report.lost).toEqual([])
    }
  )
})
