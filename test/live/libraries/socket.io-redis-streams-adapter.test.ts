import { createAdapter } from '@socket.io/redis-streams-adapter'
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
  topology = await startQuickTopology({ downAfterMs: 1_000 })
})
afterAll(() => topology.stop())

test('no message between two servers is missed, doubled or out of order through failovers by hand and by kill, and a client that was away gets what it missed', async () => {
  await using redis = clientOf(topology, { readFrom: 'primary' })
  const connection = redis.with({ exactlyOnce: true })
  const chat = (): ReturnType<typeof startChat> =>
    startChat({ adapter: createAdapter(connection, { blockTimeInMs: 500 }), connectionStateRecovery: {} })
  const [a, b] = await Promise.all([chat(), chat()])
  const { socket, heard } = await join(b.url)
  await eventually(async () => {
    expect(await a.server.fetchSockets()).toHaveLength(1)
  })
  // A server reads the stream from where it ends when it is first answered.
  const heardAny = new Promise((resolve) => socket.once('hello', resolve))
  const hello = setInterval(() => a.server.emit('hello'), 20)
  await heardAny
  clearInterval(hello)
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
      await failOverBy(fault, topology, redis)
      await arrives()
    }
    const back = new Promise<void>((resolve) => {
      socket.once('connect', resolve)
    })
    const steady = heard.length
    socket.io.engine.close()
    await failOverBy('manual', topology, redis)
    await back
    expect(socket.recovered).toBe(true)
    await arrives()
    counting.stop()
    await eventually(() => {
      expect(heard.at(-1)).toBe(counting.told)
    })
    const told = counting.toldAt.map((_, index) => index + 1)
    expect(heard.slice(0, steady)).toEqual(told.slice(0, steady))
    // What is told while a client comes back may reach it twice: with what it missed, and by itself.
    expect([...new Set(heard)].toSorted((x, y) => x - y)).toEqual(told)
    expect((await a.server.fetchSockets()).map(({ id }) => id)).toEqual([socket.id])
  } finally {
    counting.stop()
    socket.disconnect()
    await Promise.all([a.server.close(), b.server.close()])
  }
  await redis.close()
  await nothingLeft(topology)
})
