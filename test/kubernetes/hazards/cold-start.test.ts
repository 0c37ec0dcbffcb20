import { describe, expect, it, type TestContext } from 'vitest'
import { podsOf } from '../harness/redis-view.js'
import { runTrial } from '../support/trial.js'

/** Far enough apart that each has decided, or is waiting, when the next one comes. */
const APART_MS = 8_000
/** DNS keeps both the old addresses and "there is no such pod" for 30 s; what decides alone waits for 65 s. */
const AGREE_LIMIT_MS = 300_000

interface ColdStart {
  /** In this order they come back. */
  readonly order: readonly string[]
  readonly primary?: string
  readonly sets: readonly ('redis' | 'sentinel')[]
  readonly forced: boolean
}

async function coldStart(context: TestContext, { order, primary = 'redis-0', sets, forced }: ColdStart): Promise<void> {
  await runTrial(
    context,
    { primary },
    async ({ cluster, agreed }) => {
      cluster.startDelayMs = (pod) => Math.max(0, order.indexOf(pod)) * APART_MS
      const pods = sets.flatMap((set) => podsOf(cluster, set))
      await Promise.all(pods.map((pod) => cluster.deletePod(pod, { forced })))
      // Whose last primary that is, is the sentinels' to say: they may look for the first one at its old address until after it has
      // made its replicas the same as itself, and then move on.
      await agreed({ timeoutMs: AGREE_LIMIT_MS })
    },
    (report) => {
      expect(report.lost).toEqual([])
    }
  )
}

const ORDERS = ['0 1 2', '0 2 1', '1 0 2', '1 2 0', '2 0 1', '2 1 0']

describe('cold start of all six pods', () => {
  it.for(ORDERS)('redis pods in the order %s', (order, context) =>
    coldStart(context, {
      order: order.split(' ').map((number) => `redis-${number}`),
      sets: ['redis', 'sentinel'],
      forced: false
    })
  )

  it.for(['2 1 0', '0 1 2'])('the primary is not pod 0, redis pods in the order %s, by force', (order, context) =>
    coldStart(context, {
      order: order.split(' ').map((number) => `redis-${number}`),
      primary: 'redis-2',
      sets: ['redis', 'sentinel'],
      forced: true
    })
  )

  it('the sentinels come last', (context) =>
    coldStart(context, {
      order: ['none', 'none', 'sentinel-0', 'sentinel-1', 'sentinel-2'],
      primary: 'redis-1',
      sets: ['redis', 'sentinel'],
      forced: false
    }))
})

// When it is back the primary is about to end, or the sentinels hold it for up still; or for down already (5 s).
it.for([4_000, 6_000, 9_500])(
  'a replica that ended seconds before the others comes back first, after %i ms, and is not promoted',
  (afterMs, context) =>
    runTrial(
      context,
      { primary: 'redis-0' },
      async ({ cluster, writer, agreed }) => {
        cluster.startDelayMs = (pod) => (pod === 'redis-1' ? afterMs : 40_000)
        const stale = cluster.deletePod(cluster.pod('redis-1'))
        await writer.untilAcked(1_500)
        await Promise.all([stale, ...['redis-0', 'redis-2'].map((name) => cluster.deletePod(cluster.pod(name)))])
        await agreed({ timeoutMs: AGREE_LIMIT_MS })
      },
      (report) => {
        expect(report.lost).toEqual([])
      }
    )
)
