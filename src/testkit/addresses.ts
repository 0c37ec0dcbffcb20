import { createServer, type Server } from 'node:net'
import type { Address } from '../protocol/address.js'

const LOCK_PORT = 26_378
const FIRST_HOST = 10

/**
 * A corner of 127.0.0.0/8 that is this topology's alone: 127.x.y.0/24 with x from 20 to 250, held by a socket that listens on
 * 127.x.y.1 for as long as the topology lives, so that topologies of other processes choose another one.
 */
export class AddressBlock {
  /** False where only 127.0.0.1 exists (macOS): all processes then share that address, on ports of their own. */
  readonly ownAddresses: boolean
  readonly #prefix: string
  readonly #lock: Server | undefined
  readonly #usedPorts = new Set<number>()
  #nextHost = FIRST_HOST

  private constructor(prefix: string, lock: Server | undefined) {
    this.#prefix = prefix
    this.#lock = lock
    this.ownAddresses = lock !== undefined
  }

  static async claim(): Promise<AddressBlock> {
    for (let attempt = 0; attempt < 50; attempt += 1) {
      const prefix = `127.${randomInteger(20, 250)}.${randomInteger(0, 255)}`
      const bound = await bind({ host: `${prefix}.1`, port: LOCK_PORT })
      if (bound.kind === 'bound') return new AddressBlock(prefix, bound.server.unref())
      if (bound.code === 'EADDRNOTAVAIL') return new AddressBlock('127.0.0', undefined)
    }
    throw new Error(
      `No free block of addresses: port ${LOCK_PORT} is taken on each 127.x.y.1 tried; does something listen on 0.0.0.0:${LOCK_PORT}?`
    )
  }

  /** The next unused address with a port that is free now. */
  async next(): Promise<Address> {
    const host = this.ownAddresses ? `${this.#prefix}.${this.#nextHost}` : '127.0.0.1'
    this.#nextHost += 1
    for (let attempt = 0; attempt < 50; attempt += 1) {
      // Below 32768, where Linux takes the ports of outgoing connections from: a server that comes back must find its own free.
      const port = randomInteger(10_000, 29_999)
      if (this.#usedPorts.has(port)) continue
      const bound = await bind({ host, port })
      if (bound.kind !== 'bound') continue
      await closed(bound.server)
      this.#usedPorts.add(port)
      return { host, port }
    }
    throw new Error(`No free port on ${host}: 50 between 10000 and 29999 were tried`)
  }

  async release(): Promise<void> {
    if (this.#lock !== undefined) await closed(this.#lock)
  }
}

type Bound = { readonly kind: 'bound'; readonly server: Server } | { readonly kind: 'refused'; readonly code: string }

function bind(address: Address): Promise<Bound> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', (error: NodeJS.ErrnoException) => {
      resolve({ kind: 'refused', code: error.code ?? '' })
    })
    server.listen({ ...address, exclusive: true }, () => {
      resolve({ kind: 'bound', server })
    })
  })
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve()
    })
  })
}

function randomInteger(from: number, to: number): number {
  return from + Math.floor(Math.random() * (to - from + 1))
}
