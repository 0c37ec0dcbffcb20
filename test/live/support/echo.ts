import type { Address } from 'ioredis-sentinel/testkit'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'

/** A connection to a node that asks it for nothing but a sign of life, without any timer: it works while the clock is a test's own. */
export class Echo {
  readonly #socket: Socket

  private constructor(socket: Socket) {
    this.#socket = socket
  }

  static async of({ host, port }: Address): Promise<Echo> {
    const socket = connect({ host, port, noDelay: true })
    await once(socket, 'connect')
    return new Echo(socket)
  }

  /** Resolves when the node has answered. */
  async answers(): Promise<void> {
    this.#socket.write('PING\r\n')
    await once(this.#socket, 'data')
  }

  close(): void {
    this.#socket.destroy()
  }
}
