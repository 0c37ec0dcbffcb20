import { createAdapter } from '@socket.io/redis-streams-adapter'
import type { Redis } from 'ioredis'
import { expect } from 'vitest'
import { eventually } from '../../support/server-view.js'
import { type Chat, type join, startChat } from '../../../../examples/libraries/lib/chat.js'

export type Joined = Awaited<ReturnType<typeof join>>

/** A server whose clients get what they missed when they come back. */
export function startRecovering(connection: Redis): Promise<Chat> {
  return startChat({ adapter: createAdapter(connection, { blockTimeInMs: 500 }), connectionStateRecovery: {} })
}

/** Resolves when this client hears what `from` emits: a server reads the stream from where it ends when it is first answered. */
export async function hears(from: Chat, { socket }: Joined): Promise<void> {
  const heardAny = new Promise((resolve) => socket.once('hello', resolve))
  const hello = setInterval(() => from.server.emit('hello'), 20)
  await heardAny
  clearInterval(hello)
}

/** Resolves when the client's server has seen it go; the client does not come back by itself. */
export async function breakConnection({ socket }: Joined, { server }: Chat): Promise<void> {
  const { id } = socket
  socket.io.reconnection(false)
  socket.io.engine.close()
  await eventually(() => {
    expect([...server.of('/').sockets.keys()]).not.toContain(id)
  })
}

export async function comeBack({ socket }: Joined): Promise<void> {
  const back = new Promise<void>((resolve) => {
    socket.once('connect', resolve)
  })
  socket.connect()
  await back
  expect(socket.recovered).toBe(true)
}
