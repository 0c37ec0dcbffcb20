import { Redis } from 'ioredis'
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { connectorFor } from '../../src/runtime/ioredis-internals.js'

test('a socket that is there at once is closed when the instance was ended in the same tick', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const [socket, [atServer]] = (await Promise.all([connected(port), once(server, 'connection')])) as [Socket, [Socket]]
  const redis = new Redis({ Connector: connectorFor({ next: () => Promise.resolve(socket) }), lazyConnect: true })
  redis.on('error', () => undefined)
  const ended = once(redis, 'end')
  const connecting = redis.connect()
  redis.disconnect()
  await expect(connecting).rejects.toThrow('Connection is closed.')
  await ended
  atServer.resume()
  await once(atServer, 'close')
  expect(redis.status).toBe('end')
  server.close()
})

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  return socket
}
