import { QueueFullError } from 'ioredis-sentinel'
import { expect, test } from 'vitest'
import { holds } from '../support/client-view.js'
import { clientOf } from '../support/clients.js'
import { heapUsed } from '../support/heap.js'
import { useQuietTopology } from '../support/quiet-topology.js'

/** What an application at 5000 calls a second issues in an outage of 60 s, to a fifth: of the calls, and of the default queue of 10 000. */
const CALLS = 60_000
const MAX_QUEUED = 2_000
const PAYLOAD = 'x'.repeat(100)
/** A full queue of calls of some 2 kB each, with room to spare. All calls together would take ten times as much. */
const HEAP_MAY_GROW_BYTES = 12_000_000

const quiet = useQuietTopology({ replicas: 1, sentinels: 1, downAfterMs: 120_000 })

test('the calls of a minute without a primary: a bounded number waits, the rest fail at once by a typed error, and the heap is bounded', async () => {
  await using client = clientOf(quiet.topology, { deadlineMs: Infinity, maxQueuedCommands: MAX_QUEUED })
  await client.ping()
  const empty = await heapUsed()
  await quiet.primary.freeze()
  const counts = { acked: 0, refused: 0, other: 0 }
  const settled: Promise<void>[] = []
  try {
    const unanswered = client.ping()
    await holds(client, 'silence')
    for (let index = 0; index < CALLS; index += 1) {
      const call = client.rpush('waited', PAYLOAD).then(
        () => void (counts.acked += 1),
        (error: unknown) => {
          if (error instanceof QueueFullError && error.stage === 'queued') counts.refused += 1
          else counts.other += 1
        }
      )
      if (index < MAX_QUEUED) settled.push(call)
      // Those that are refused are so in the same turn: there is nothing to wait for.
      if (index % 1_000 === 999) {
        await new Promise((resolve) => setImmediate(resolve))
        expect(counts.refused + client.stats().held).toBe(index + 1)
      }
    }
    const { held } = client.stats()
    expect(held).toBe(MAX_QUEUED)
    expect(counts).toEqual({ acked: 0, refused: CALLS - held, other: 0 })
    expect((await heapUsed()) - empty).toBeLessThan(HEAP_MAY_GROW_BYTES)
    await quiet.primary.thaw()
    await unanswered
    await Promise.all(settled)
    expect(counts).toEqual({ acked: held, refused: CALLS - held, other: 0 })
    expect(await quiet.primary.command('LLEN', 'waited')).toBe(held)
  } finally {
    await quiet.primary.thaw()
  }
})

test('what is past its deadline when the primary is back is not sent to it any more', async () => {
  await using client = clientOf(quiet.topology)
  await client.ping()
  const hasty = client.with({ deadlineMs: 300 })
  await quiet.primary.freeze()
  const outcomes: Record<string, number> = {}
  try {
    const probe = client.with({ deadlineMs: Infinity }).ping()
    await holds(client, 'silence')
    const stale = Array.from({ length: 2_000 }, (_, index) =>
      hasty.rpush('list', `stale ${index}`).catch((error: unknown) => {
        const { code, stage } = error as { readonly code: string; readonly stage: string }
        outcomes[`${code} ${stage}`] = (outcomes[`${code} ${stage}`] ?? 0) + 1
      })
    )
    await Promise.all(stale)
    expect(outcomes).toEqual({ 'DEADLINE queued': 2_000 })
    const fresh = client.with({ deadlineMs: 60_000 }).rpush('list', 'fresh')
    await quiet.primary.thaw()
    await probe
    expect(await fresh).toBe(1)
  } finally {
    await quiet.primary.thaw()
  }
  expect(await quiet.primary.command('LRANGE', 'list', 0, -1)).toEqual(['fresh'])
})
