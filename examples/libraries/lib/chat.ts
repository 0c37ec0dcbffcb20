import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ServerOptions } from 'socket.io'
import { Server } from 'socket.io'
import type { Socket } from 'socket.io-client'
import { io } from 'socket.io-client'

/** A Socket.IO server on a free port of the loopback. */
export async function startChat(options: Partial<ServerOptions>): Promise<{ server: Server; url: string }> {
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
