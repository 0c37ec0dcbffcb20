import { SentinelRedis } from 'ioredis-sentinel'
import { expect, test } from 'vitest'
import { useQuietTopology } from './support/quiet-topology.js'

// What the types promise for `replyMapping: 'resp3'` (test/types) is what comes, whichever way a call goes.

const quiet = useQuietTopology()

test('replies are in the form that their types tell, whichever way they come', async () => {
  const { name, sentinelAddresses: sentinels } = quiet.topology
  await using client = new SentinelRedis({ name, sentinels, replyMapping: 'resp3' })
  await client.zadd('scores', 1.5, 'one')
  const [written, read] = [client.with({ readFrom: 'primary' }), client.with({ readFrom: 'replica' })]
  const scores: Promise<number | null>[] = [
    written.zscore('scores', 'one'),
    read.zscore('scores', 'one'),
    client.with({ exactlyOnce: true }).zscore('scores', 'one'),
    client.transaction((tx) => tx.zscore('scores', 'one'))
  ]
  expect(await Promise.all(scores)).toEqual([1.5, 1.5, 1.5, 1.5])
  expect(await client.pipeline().zscore('scores', 'one').exec()).toEqual([[null, 1.5]])
  expect(await client.multi().zscore('scores', 'one').exec()).toEqual([[null, 1.5]])
  const inTransaction = client.transaction((tx) => tx.multi().zincrby('scores', 1, 'one').exec())
  expect(await inTransaction).toEqual([[null, 2.5]])

  await using legacy = client.duplicate({ replyMapping: 'legacy' })
  const score: string | null = await legacy.with({ readFrom: 'primary' }).zscore('scores', 'one')
  expect(score).toBe('2.5')
})
