import { createAdapter } from '@socket.io/redis-adapter'
import type { SubscriptionGap } from 'ioredis-sentinel'
import type { LocalTopology } from 'ioredis-sentinel/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clientOf, startQuickTopology } from '../support/clients.js'
import { failOverBy } from '../support/group-faults.js'
import { eventually } from '../support/server-view.js'
import { join, startChat } from '../../../examples/libraries/lib/chat.js'
import { Counting } from './support/counting.js'
import { nothingLeft } from './support/nothing-left.js'

let topology: LocalTopology
beforeAll(async () => {
  topology = await startQuickTopology({ downAfterMs: 2_000 })
})
afterAll(() => topology.stop())

/** Both clocks are this process's, but a message is on its way for a while. */
const ON_ITS_WAY_MS = 100

test('messages between two servers go on after failovers by hand and by kill, and only those in the told gap are missed', async () => {
  await using redis = clientOf(topology)
  await using subA = redis.duplicate()
  await using subB = redis.duplicate()
  const pub = redis.with({ exactlyOnce: true })
  const a = await startChat({ adapter: createAdapter(pub, subA) })
  const b = await startChat({ adapter: createAdapter(pub, subB) })
  const gaps: SubscriptionGap[] = []
  subB.on('subscription-gap', (gap) => gaps.push(gap))
  const { socket, heard } = await join(b.url)
  await eventually(async () => {
    expect(await a.server.fetchSockets()).toHaveLength(1)
  })
  const counting = new Counting((n) => a.server.emit('n', n))
  const arrives = async (): Promise<void> => {
    const from = counting.told
    await eventually(() => {
      expect(heard.at(-1)).toBeGreaterThan(from + 20)
    })
  }
  try {
    await arrives()
    for (const fault of ['manual', 'kill'] as const) {
      const before = gaps.length
      await failOverBy(fault, topology, redis)
      await eventually(() => {
        expect(gaps.length).toBeGreaterThan(before)
      })
      await arrives()
    }
    counting.stop()
    await eventually(() => {
      expect(heard.at(-1)).toBe(counting.told)
    })
    expect(heard).toEqual(heard.toSorted((x, y) => x - y))
    expect(new Set(heard).size).toBe(heard.length)
    const missed = counting.toldAt.filter((_, index) => !heard.includes(index + 1))
    const inGap = (at: number): boolean =>
      gaps.some(({ fromAt, untilAt }) => at > fromAt - ON_ITS_WAY_MS && at < untilAt + ON_ITS_WAY_MS)
    expect(missed.filter((at) => !inGap(at))).toEqual([])
    expect((await a.server.fetchSockets()).map(({ id }) => id)).toEqual([socket.id])
  } finally {
    counting.stop()
    socket.disconnect()
    await Promise.all([a.server.close(), b.server.close()])
  }
  await Promise.all([subA.close(), subB.close(), redis.close()])
  await nothingLeft(topology)
})
