import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ROOT } from '../../../scripts/lib/root.mjs'
import { preciseNow } from '../../../src/time-origin.js'
import { type Block, blocksOf } from '../documents/blocks.js'
import { runBlock } from '../documents/run-document.js'
import { Session } from '../documents/session.js'
import { KubectlServer } from '../harness/kubectl/server.js'
import { podsOf } from '../harness/redis-view.js'
import { runTrial } from '../support/trial.js'

/** As a reader would copy them. */
const [BACK_UP, RESTORE] = blocksOf(readFileSync(join(ROOT, 'docs/kubernetes.md'), 'utf8')).filter(
  ({ heading }) => heading === 'Back up and restore'
) as [Block, Block]

const DECIDED = /nobody answers, this volume remembers no role, and this is pod 0/
/** redis.env's DECISION_SECONDS, and what a look at all others takes. */
const DECIDED_AFTER_S = { least: 65, most: 80 }

/** When a line of a log was said, in seconds since 1970. */
function secondsOf(log: string, what: RegExp): number {
  const [line = ''] = log.split('\n').filter((each) => what.test(each))
  return Date.parse(line.split(' ')[0] ?? '') / 1000
}

it('all volumes are gone, and a backup that was taken under writes is restored', async (context) => {
  let backUpBeganAt = 0
  await runTrial(
    context,
    { primary: 'redis-0' },
    async ({ cluster, writer, before, agreed, faultBegins }) => {
      // The backup is put beside k8s, and not into this checkout.
      const folder = mkdtempSync(join(tmpdir(), 'ioredis-sentinel-backup-'))
      symlinkSync(join(ROOT, 'k8s'), join(folder, 'k8s'))
      const kubectl = await KubectlServer.start(cluster)
      const session = new Session(kubectl.env, folder)
      const run = async (block: Block): Promise<string> => {
        const { printed, failures } = await runBlock(session, block)
        expect(failures).toEqual([])
        return printed
      }
      try {
        // From here on a command that fails ends the shell, and with it the test.
        await session.run('set -eu', 10_000)
        await writer.untilAcked(2_000)
        backUpBeganAt = preciseNow()
        expect(await run(BACK_UP)).toContain('backup.tar is whole')
        await writer.untilAcked(2_000)

        let scaledUpAt = 0
        kubectl.onCall = (words) => {
          if (!words.includes('statefulset/redis') || !words.includes('--replicas=3')) return
          // Whole ones, as the log and start.sh have them: 65 of these may be 64 and a half.
          scaledUpAt = Math.floor(Date.now() / 1000)
          faultBegins()
        }
        await run(RESTORE)
        const after = await agreed({ newSentinels: true })
        expect(after.primary).toBe('redis-0')
        expect(after.ids).toEqual(before.ids)
        for (const pod of [...podsOf(cluster, 'redis'), ...podsOf(cluster, 'sentinel')])
          expect([pod.name, pod.restarts]).toEqual([pod.name, 0])
        const log = readFileSync(cluster.pod('redis-0').logFile('redis'), 'utf8')
        expect(log).toMatch(DECIDED)
        const decidedAfter = secondsOf(log, DECIDED) - scaledUpAt
        expect(decidedAfter).toBeGreaterThanOrEqual(DECIDED_AFTER_S.least)
        expect(decidedAfter).toBeLessThanOrEqual(DECIDED_AFTER_S.most)
      } finally {
        session.end()
        await kubectl.stop()
        rmSync(folder, { recursive: true, force: true })
      }
    },
    (report) => {
      // What came after the backup is lost, or this restored something else.
      const [first = 0] = report.lostAckedAt
      expect(report.lost.length).toBeGreaterThan(1_000)
      expect(first).toBeGreaterThanOrEqual(backUpBeganAt)
    }
  )
})
