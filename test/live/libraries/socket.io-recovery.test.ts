import type { LocalTopology } from 'ioredis-sentinel/testkit'
import { startTopology } from 'ioredis-sentinel/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../support/server-view.js'
import { type Chat, join } from '../../../examples/libraries/lib/chat.js'
import { type Late, LateRedis } from './support/late-redis.js'
import { breakConnection, comeBack, hears, type Joined, startRecovering } from './support/recovering-chat.js'

let topology: LocalTopology
beforeAll(async () => {
  topology = await startTopology({ replicas: 0 })
})
afterAll(() => topology.stop())

interface Scene {
  /** The server that emits. */
  readonly a: Chat
  /** Two clients of another server, whose answers from Redis come late. */
  readonly steady: Joined
  readonly away: Joined
  readonly lengthOfStream: () => Promise<number>
}

async function inScene(late: Late, act: (scene: Scene) => Promise<void>): Promise<void> {
  const { address } = await topology.primary()
  const [prompt, slow] = [new LateRedis(address, () => undefined), new LateRedis(address, late)]
  const [a, b] = await Promise.all([startRecovering(prompt), startRecovering(slow)])
  const [steady, away] = await Promise.all([join(b.url), join(b.url)])
  try {
    await Promise.all([hears(a, steady), hears(a, away)])
    await breakConnection(away, b)
    await act({ a, steady, away, lengthOfStream: () => prompt.xlen('socket.io') })
  } finally {
    for (const { socket } of [steady, away]) socket.disconnect()
    await Promise.all([a.server.close(), b.server.close()])
    // A server that closes writes down the sessions of its clients, and waits for nothing: that is answered by then.
    await Promise.all([prompt.ping(), slow.ping()])
    prompt.disconnect()
    slow.disconnect()
  }
}

/** A promise, and what resolves it. */
function gate(): { readonly open: () => void; readonly opened: Promise<void> } {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { open, opened }
}

/**
 * Socket.IO's Redis Streams adapter restores what a client missed by reading the stream to its end, while its own reader, on another
 * connection, may not have come so far, or be further already.
 */
describe('what is told in the moment in which a client of Socket.IO comes back, with ioredis itself and no failover', () => {
  test('comes twice when the reader comes to it after the recovery', async () => {
    const reader = gate()
    let isLate = false
    await inScene(
      (command) => (isLate && command === 'xread' ? reader.opened : undefined),
      async ({ a, steady, away, lengthOfStream }) => {
        isLate = true
        const before = await lengthOfStream()
        a.server.emit('n', 1)
        await eventually(async () => {
          expect(await lengthOfStream()).toBe(before + 1)
        })
        await comeBack(away)
        reader.open()
        await eventually(() => {
          expect(steady.heard).toEqual([1])
        })
        a.server.emit('n', 2)
        await eventually(() => {
          expect(away.heard).toEqual([1, 1, 2])
        })
        expect(steady.heard).toEqual([1, 2])
      }
    )
  })

  test('does not come when the reader has come to it before the recovery is over', async () => {
    const recovery = gate()
    const atTheEnd = gate()
    const isEnd = (answer: unknown): boolean => Array.isArray(answer) && answer.length === 0
    await inScene(
      (command, answer) => {
        if (command !== 'xrange' || !isEnd(answer)) return undefined
        atTheEnd.open()
        return recovery.opened
      },
      async ({ a, steady, away }) => {
        const isBack = comeBack(away)
        await atTheEnd.opened
        a.server.emit('n', 1)
        await eventually(() => {
          expect(steady.heard).toEqual([1])
        })
        recovery.open()
        await isBack
        a.server.emit('n', 2)
        await eventually(() => {
          expect(away.heard).toEqual([2])
        })
      }
    )
  })
})
