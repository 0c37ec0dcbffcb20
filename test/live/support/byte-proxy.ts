import type { SentinelRedisOptions } from 'ioredis-sentinel'
import type { Address } from 'ioredis-sentinel/testkit'
import { createServer, connect } from 'node:net'
import type { Server, Socket } from 'node:net'

/** What the client sends, or what the server answers. */
export type Direction = 'requests' | 'replies'

/**
 * What happens behind the last byte that passes. `cut`: the connection ends. `stall`: nothing more passes that way until
 * `release()`. `swallow`: nothing more passes that way, ever, and the connection stays open.
 */
export type WireFault = 'cut' | 'stall' | 'swallow'

interface Trap {
  readonly direction: Direction
  readonly fault: WireFault
  /** How many bytes still pass. */
  left: number
  readonly met: () => void
}

/** One connection through the proxy. */
interface Wire {
  readonly ends: Readonly<Record<Direction, { readonly from: Socket; readonly to: Socket }>>
  readonly blocked: Record<Direction, 'stall' | 'swallow' | undefined>
  readonly kept: Record<Direction, Buffer[]>
  /** Neither end hears of the other's. */
  lost: boolean
}

/** A wire to a server that can be cut, stalled or made to swallow at any byte of what is asked and of what is answered. */
export class ByteProxy {
  readonly address: Address
  /** How many bytes have passed each way. */
  readonly passed: Record<Direction, number> = { requests: 0, replies: 0 }
  /** How many connections were accepted. */
  accepted = 0
  /** Replies come so much later, in milliseconds. */
  lateMs = 0
  /** No more of the requests pass in a second, on each connection. */
  bytesPerSecond = Infinity
  readonly #server: Server
  readonly #wires = new Set<Wire>()
  #trap: Trap | undefined
  #nonsense: string | undefined
  #shut = false

  private constructor(server: Server, address: Address) {
    this.#server = server
    this.address = address
  }

  static async to(target: Address): Promise<ByteProxy> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve))
    const bound = server.address()
    if (bound === null || typeof bound === 'string') throw new Error('the wire has no TCP port')
    const proxy = new ByteProxy(server, { host: '127.0.0.1', port: bound.port })
    server.on('connection', (client) => {
      proxy.accepted += 1
      if (proxy.#shut) client.destroy()
      else proxy.#join(client, connect({ host: target.host, port: target.port }))
    })
    return proxy
  }

  /** For a client's options: the primary is reached through this proxy. */
  get asPrimary(): NonNullable<SentinelRedisOptions['addressMap']> {
    return (_address, kind) => (kind === 'primary' ? this.address : undefined)
  }

  /** From now on this many bytes pass that way; the first that would not meets the fault, once. Resolves when it does. */
  arm(fault: WireFault, direction: Direction, afterBytes: number): Promise<void> {
    return new Promise((met) => {
      this.#trap = { fault, direction, left: afterBytes, met }
    })
  }

  /** The fault that was armed has not been met yet. */
  get armed(): boolean {
    return this.#trap !== undefined
  }

  /** Nothing waits for its byte any more. */
  disarm(): void {
    this.#trap = undefined
  }

  /** This comes in front of the next reply, on whichever connection. */
  spoilNextReply(nonsense: string): void {
    this.#nonsense = nonsense
  }

  /** What was stalled goes on. */
  release(): void {
    for (const wire of this.#wires) {
      for (const direction of ['requests', 'replies'] as const) {
        if (wire.blocked[direction] !== 'stall') continue
        wire.blocked[direction] = undefined
        const { to } = wire.ends[direction]
        for (const chunk of wire.kept[direction].splice(0)) to.write(chunk)
      }
    }
  }

  /** Ends all connections that there are. */
  cutAll(): void {
    for (const { ends } of this.#wires) {
      ends.requests.from.destroy()
      ends.requests.to.destroy()
    }
  }

  /** From now on nothing passes on the connections that there are, either way, not even the end of one. New ones work. */
  lose(): void {
    for (const wire of this.#wires) {
      wire.lost = true
      wire.blocked.requests = 'swallow'
      wire.blocked.replies = 'swallow'
    }
  }

  /** Ends all connections, and every new one as soon as it is made, until `reopen()`. */
  shut(): void {
    this.#shut = true
    this.cutAll()
  }

  reopen(): void {
    this.#shut = false
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cutAll()
    await new Promise<void>((resolve) =>
      this.#server.close(() => {
        resolve()
      })
    )
  }

  #join(client: Socket, server: Socket): void {
    const wire: Wire = {
      ends: { requests: { from: client, to: server }, replies: { from: server, to: client } },
      blocked: { requests: undefined, replies: undefined },
      kept: { requests: [], replies: [] },
      lost: false
    }
    this.#wires.add(wire)
    for (const direction of ['requests', 'replies'] as const) {
      const { from, to } = wire.ends[direction]
      from.setNoDelay(true)
      from.on('error', () => undefined)
      from.on('close', () => {
        if (wire.lost && !to.destroyed) return
        this.#wires.delete(wire)
        to.destroy()
      })
      from.on('data', (chunk) => {
        if (direction === 'replies' && this.lateMs > 0)
          setTimeout(() => this.#pass(wire, direction, chunk), this.lateMs)
        else this.#pass(wire, direction, chunk)
        if (direction === 'requests' && this.bytesPerSecond < Infinity) {
          from.pause()
          setTimeout(() => from.resume(), (chunk.length / this.bytesPerSecond) * 1_000)
        }
      })
    }
  }

  #pass(wire: Wire, direction: Direction, chunk: Buffer): void {
    const { from, to } = wire.ends[direction]
    if (wire.blocked[direction] !== undefined) {
      if (wire.blocked[direction] === 'stall') wire.kept[direction].push(chunk)
      return
    }
    if (direction === 'replies' && this.#nonsense !== undefined) {
      to.write(this.#nonsense)
      this.#nonsense = undefined
    }
    const trap = this.#trap?.direction === direction ? this.#trap : undefined
    const through = trap === undefined ? chunk : chunk.subarray(0, trap.left)
    this.passed[direction] += through.length
    if (trap === undefined || through.length === chunk.length) {
      if (trap !== undefined) trap.left -= through.length
      to.write(through)
      return
    }
    this.#trap = undefined
    trap.met()
    if (trap.fault === 'cut') {
      to.end(through, () => from.destroy())
      return
    }
    to.write(through)
    wire.blocked[direction] = trap.fault
    if (trap.fault === 'stall') wire.kept[direction].push(chunk.subarray(through.length))
  }
}
