import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Address } from 'ioredis-sentinel/testkit'

/** Stands at an address of its own before a real server, and passes on what both say. */
export class Front {
  /** Connections that come from these addresses are closed at once; others go on. */
  refused: readonly string[] = []
  /** Changes what the server says. The length has to stay. */
  rewrite: (text: string) => string = (text) => text
  /** The address of this machine from which connections come to the server; by default its loopback. */
  from: string | undefined
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  /** Listens as soon as it is made; a connection that comes before `target` runs is closed. */
  constructor(at: Address, target: Address) {
    this.#server = createServer((client) => {
      if (this.refused.includes(client.remoteAddress ?? '')) return void client.destroy()
      const { host, port } = target
      const server = connect({ host, port, ...(this.from !== undefined && { localAddress: this.from }) })
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
      client.pipe(server)
      server.on('data', (chunk) => client.write(Buffer.from(this.rewrite(chunk.toString('latin1')), 'latin1')))
    })
    this.#server.listen({ host: at.host, port: at.port })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
