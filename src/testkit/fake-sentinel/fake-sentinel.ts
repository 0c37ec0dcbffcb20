import { createServer, type Server, type Socket } from 'node:net'
import { type Address, formatAddress } from '../../protocol/address.js'
import { RespReader, type RespValue } from '../resp.js'
import { answer, type Session } from './answer.js'
import { idOf } from './describe-group.js'
import { encodeReply, type FakeReply } from './encode-reply.js'
import { matchesPattern } from './glob.js'
import type { FakeSentinelState } from './state.js'

export interface FakeSentinelOptions extends Partial<FakeSentinelState> {
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default: a free one. */
  readonly port?: number
  /**
   * Asked before each answer is made: a reply replaces it, undefined leaves it. Default: none.
   */
  readonly intercept?: (args: readonly string[]) => FakeReply | undefined
}

interface Client {
  readonly socket: Socket
  readonly session: Session
}

/**
 * A sentinel made of a script, on a real socket, for what a real one cannot be brought to say at a chosen moment. It knows
 * HELLO 2 and 3, AUTH, PING, CLIENT, INFO, ROLE, (P)SUBSCRIBE, (P)UNSUBSCRIBE and SENTINEL MYID, MASTERS, MASTER, REPLICAS,
 * SENTINELS, GET-MASTER-ADDR-BY-NAME and CKQUORUM, and answers from `state`.
 */
export class FakeSentinel {
  /** Written out, since bundlers rename classes. */
  static readonly name: string = 'FakeSentinel'

  readonly address: Address
  /** What it knows; change it at any time. */
  readonly state: FakeSentinelState
  /** Every command received, oldest first. */
  readonly received: (readonly string[])[] = []
  readonly #server: Server
  readonly #intercept: FakeSentinelOptions['intercept']
  readonly #clients = new Set<Client>()
  #silent = false
  #lastClientId = 0

  private constructor(server: Server, address: Address, options: FakeSentinelOptions) {
    this.#server = server
    this.#intercept = options.intercept
    this.address = address
    this.state = {
      id: options.id ?? idOf(formatAddress(address)),
      groups: options.groups ?? {},
      tilt: options.tilt ?? false,
      delayMs: options.delayMs ?? 0,
      password: options.password,
      username: options.username,
      version: options.version ?? '7.0.15'
    }
    server.on('connection', (socket) => {
      this.#welcome(socket)
    })
  }

  /** Used by `startFakeSentinel`. */
  static async start(options: FakeSentinelOptions): Promise<FakeSentinel> {
    const host = options.host ?? '127.0.0.1'
    const server = createServer()
    await listen(server, { host, port: options.port ?? 0 })
    const bound = server.address()
    if (bound === null || typeof bound === 'string') throw new Error('the fake sentinel has no TCP port')
    return new FakeSentinel(server, { host, port: bound.port }, options)
  }

  /** How many clients are connected now. */
  get connections(): number {
    return this.#clients.size
  }

  /** How many of them are subscribed to the channel, by name or by pattern. */
  subscribers(channel: string): number {
    return [...this.#clients].filter(({ session }) => deliveries(session, channel, '').length > 0).length
  }

  /** Sends a message to all who are subscribed; for example `publish('+odown', 'master mymaster 127.0.0.1 6379 #quorum 2/2')`. */
  publish(channel: string, message: string): void {
    for (const client of this.#clients) {
      for (const push of deliveries(client.session, channel, message)) this.#write(client, push)
    }
  }

  /** New connections are refused, as when the process is dead. Those that exist stay: see `disconnectAll()`. */
  refuse(): void {
    if (this.#server.listening) this.#server.close()
  }

  /** Connections are accepted, those that exist stay, and nothing is answered or published, as when the process is frozen. */
  hang(): void {
    this.#silent = true
  }

  /** Ends `refuse()` and `hang()`. What was asked during `hang()` stays without an answer. */
  async recover(): Promise<void> {
    this.#silent = false
    if (!this.#server.listening) await listen(this.#server, this.address)
  }

  /** Destroys every connection. */
  disconnectAll(): void {
    for (const { socket } of this.#clients) socket.destroy()
    this.#clients.clear()
  }

  /** Ends it: refuses and disconnects. */
  async close(): Promise<void> {
    this.refuse()
    this.disconnectAll()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #welcome(socket: Socket): void {
    this.#lastClientId += 1
    const session: Session = {
      id: this.#lastClientId,
      protocol: 2,
      authenticated: false,
      channels: new Set(),
      patterns: new Set()
    }
    const client = { socket, session }
    this.#clients.add(client)
    const reader = new RespReader()
    socket.setNoDelay(true)
    socket.on('data', (chunk) => {
      try {
        for (const value of reader.push(chunk)) this.#receive(client, value)
      } catch (error) {
        socket.end(`-ERR Protocol error: ${String(error)}\r\n`)
      }
    })
    socket.on('error', () => undefined)
    socket.on('close', () => this.#clients.delete(client))
  }

  #receive(client: Client, value: RespValue): void {
    const args = Array.isArray(value) ? value.map(String) : []
    this.received.push(args)
    if (this.#silent) return
    const replaced = this.#intercept?.(args)
    const replies = replaced === undefined ? answer(args, client.session, this.state) : [replaced]
    if (this.state.delayMs === 0) this.#write(client, ...replies)
    else setTimeout(() => this.#write(client, ...replies), this.state.delayMs)
  }

  #write({ socket, session }: Client, ...replies: readonly FakeReply[]): void {
    if (this.#silent || socket.destroyed) return
    socket.write(replies.map((reply) => encodeReply(reply, session.protocol)).join(''))
  }
}

/**
 * Starts a sentinel made of a script. `options` is its first state: `{ groups: { mymaster: { primary: { host, port } } } }`.
 */
export async function startFakeSentinel(options: FakeSentinelOptions = {}): Promise<FakeSentinel> {
  return FakeSentinel.start(options)
}

function deliveries(session: Session, channel: string, message: string): FakeReply[] {
  const byName = session.channels.has(channel) ? [{ push: ['message', channel, message] }] : []
  const byPattern = [...session.patterns]
    .filter((pattern) => matchesPattern(pattern, channel))
    .map((pattern) => ({ push: ['pmessage', pattern, channel, message] }))
  return [...byName, ...byPattern]
}

function listen(server: Server, { host, port }: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
