import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { ServerOptions } from 'socket.io'
import { Server } from 'socket.io'
import type { Socket } from 'socket.io-client'
import { io } from 'socket.io-client'
import type { Group } from './group.js'

export interface Chat {
  readonly server: Server
  readonly url: string
}

/** A Socket.IO server on a free port of the loopback. */
export async function startChat(options: Partial<ServerOptions>): Promise<Chat> {
  const http = createServer()
  const server = new Server(http, options)
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  return { server, url: `http://127.0.0.1:${(http.address() as AddressInfo).port}` }
}

/** A client that is connected, and all numbers that came to it as `n`. */
export async function join(url: string): Promise<{ socket: Socket; heard: number[] }> {
  const socket = io(url, { transports: ['websocket'], forceNew: true, reconnectionDelay: 50 })
  const heard: number[] = []
  socket.on('n', (n: number) => heard.push(n))
  await new Promise<void>((resolve) => {
    socket.once('connect', resolve)
  })
  return { socket, heard }
}

/** Sends numbers by one server to a client of another until the failover is over, and tells how many arrived. */
export async function count(a: Chat, b: Chat, throughFailover: Group['throughFailover']): Promise<void> {
  const { socket, heard } = await join(b.url)
  // Nobody is told when a server has begun to listen.
  while (heard.length === 0) {
    a.server.emit('n', 0)
    await delay(10)
  }

  const messages = await throughFailover(async (n) => {
    a.server.emit('n', n + 1)
    await delay(5)
  })
  while (!heard.includes(-1)) {
    a.server.emit('n', -1)
    await delay(10)
  }

  const numbers = heard.filter((n) => n > 0)
  console.log(
    `${new Set(numbers).size} of ${messages} messages arrived, ${numbers.length - new Set(numbers).size} of them twice`
  )
  socket.disconnect()
}
