import { Command, Redis } from 'ioredis'
import { expect, test, vi } from 'vitest'
import { Liveness } from '../../src/runtime/liveness.js'
import type { SideConnection } from '../../src/runtime/side-connection.js'

interface FrozenSide {
  readonly connection: SideConnection
  closed: boolean
}

/** A connection to a node that has frozen since it was greeted. */
function frozenSide(): FrozenSide {
  let fail: (error: Error) => void = () => undefined
  const connection = {
    ask: () => new Promise((_, reject) => (fail = reject)),
    close: () => {
      side.closed = true
      fail(new Error('closed'))
    }
  }
  const side: FrozenSide = { connection: connection as unknown as SideConnection, closed: false }
  return side
}

function watching(openSide: () => FrozenSide): Liveness {
  return new Liveness(new Redis({ lazyConnect: true }), () => 60_000, {
    heardAt: () => 0,
    ping: () => undefined,
    openSide: () => Promise.resolve(openSide().connection),
    onDead: () => undefined
  })
}

test('a question that is not answered ends with the connection that it is about, and the next one is looked into at once', async () => {
  const sides: FrozenSide[] = []
  const liveness = watching(() => {
    const side = frozenSide()
    sides.push(side)
    return side
  })
  liveness.attach(1)
  liveness.suspect()
  await vi.waitFor(() => {
    expect(sides).toHaveLength(1)
  })
  // Asked by now.
  await new Promise((resolve) => setImmediate(resolve))
  liveness.reset()
  liveness.attach(2)
  liveness.suspect()
  expect(sides).toHaveLength(2)
  expect(sides[0]?.closed).toBe(true)
  liveness.reset()
})

test('one that is not answered in time ends, and the node is asked anew when it is suspected again', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    let asked = 0
    const liveness = watching(() => {
      asked += 1
      return frozenSide()
    })
    liveness.attach(1)
    liveness.suspect()
    liveness.suspect()
    await vi.advanceTimersByTimeAsync(900)
    liveness.suspect()
    expect(asked).toBe(1)
    await vi.advanceTimersByTimeAsync(200)
    liveness.suspect()
    expect(asked).toBe(2)
    liveness.reset()
  } finally {
    vi.useRealTimers()
  }
})

test('a node that receives something on a connection has work there, and the connection does not wait for it', async () => {
  const redis = new Redis({ lazyConnect: true })
  const { commandQueue } = redis as unknown as { commandQueue: { push(item: unknown): void } }
  commandQueue.push({ command: new Command('set', ['k', 'v']) })
  let asked = 0
  const side = {
    ask: () => Promise.resolve([`id=1 flags=N qbuf=${++asked}`]),
    close: () => undefined
  } as unknown as SideConnection
  const liveness = new Liveness(redis, () => 60_000, {
    heardAt: () => 0,
    ping: () => undefined,
    openSide: () => Promise.resolve(side),
    onDead: () => undefined
  })
  liveness.attach(1)
  liveness.suspect()
  await vi.waitFor(() => {
    expect(liveness.working).toBe(true)
  })
  expect(liveness.waited(60_000)).toBe(false)
  liveness.reset()
})
