import type { Address } from 'ioredis-sentinel/testkit'
import { createServer, connect } from 'node:net'
import type { Server, Socket } from 'node:net'

/**
 * A wire to a server that can be cut in the midst of an answer: what was asked reaches the server and is executed, and of what
 * it answers only so many bytes reach the client.
 */
export class ReplyCutter {
  readonly address: Address
  /** How many bytes of answers have passed. */
  passed = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #left = Infinity

  private constructor(server: Server, address: Address) {
    this.#server = server
    this.address = address
  }

  static async to(target: Address): Promise<ReplyCutter> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve))
    const bound = server.address()
    if (bound === null || typeof bound === 'string') throw new Error('the wire has no TCP port')
    const cutter = new ReplyCutter(server, { host: '127.0.0.1', port: bound.port })
    server.on('connection', (client) => {
      cutter.#join(client, connect({ host: target.host, port: target.port }))
    })
    return cutter
  }

  /** From now on this many bytes of answers pass; with the first that does not, the connection is cut, once. */
  cutAfter(bytes: number): void {
    this.#left = bytes
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>((resolve) =>
      this.#server.close(() => {
        resolve()
      })
    )
  }

  #join(client: Socket, server: Socket): void {
    for (const [socket, other] of [
      [client, server],
      [server, client]
    ] as const) {
      this.#sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        this.#sockets.delete(socket)
        other.destroy()
      })
    }
    client.on('data', (chunk) => server.write(chunk))
    server.on('data', (chunk) => {
      const through = chunk.subarray(0, this.#left)
      this.passed += through.length
      this.#left -= through.length
      if (through.length === chunk.length) client.write(through)
      else {
        this.#left = Infinity
        client.end(through)
      }
    })
  }
}
