import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Address } from '../protocol/address.js'
import { formatAddress } from '../protocol/address.js'
import { ReplyError } from './errors.js'
import { type Argument, encodeCommand, RespReader, type RespValue } from './resp.js'

export interface Endpoint {
  readonly address: Address
  readonly password?: string | undefined
  /** PEM of the CA; with it the connection is TLS. */
  readonly ca?: string | undefined
}

interface Waiting {
  resolve(value: RespValue): void
  reject(error: Error): void
}

/**
 * The testkit's own connection: RESP2, no reconnecting, no retries, so that what it sees owes nothing to the client under
 * test. Any fault of the socket, and any silence longer than `timeoutMs`, rejects all that is waiting and closes it.
 */
export class RespConnection {
  readonly #socket: Socket
  readonly #endpoint: Endpoint
  readonly #timeoutMs: number
  readonly #reader = new RespReader()
  readonly #waiting: Waiting[] = []
  #failure: Error | undefined

  constructor(endpoint: Endpoint, timeoutMs: number) {
    this.#endpoint = endpoint
    this.#timeoutMs = timeoutMs
    const { host, port } = endpoint.address
    this.#socket = endpoint.ca === undefined ? connect({ host, port }) : connectTls({ host, port, ca: endpoint.ca })
    this.#socket.setNoDelay(true)
    this.#socket.setTimeout(timeoutMs)
    this.#socket.on('data', (chunk) => {
      this.#receive(chunk)
    })
    this.#socket.on('timeout', () => {
      if (this.#waiting.length > 0) this.#fail(`gave no answer for ${timeoutMs} ms`)
    })
    this.#socket.on('error', (error) => {
      this.#fail(error.message, error)
    })
    this.#socket.on('close', () => {
      this.#fail('closed the connection')
    })
    if (endpoint.password !== undefined) this.send(['AUTH', endpoint.password]).catch(() => undefined)
  }

  /**
   * One command and its reply.
   *
   * @throws ReplyError with the server's words, or Error naming the address when the connection failed.
   */
  send(args: readonly Argument[]): Promise<RespValue> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    if (this.#waiting.length === 0) this.#socket.setTimeout(this.#timeoutMs)
    const reply = new Promise<RespValue>((resolve, reject) => this.#waiting.push({ resolve, reject }))
    this.#socket.write(encodeCommand(args))
    return reply
  }

  close(): void {
    this.#fail('was left: the connection was closed here')
  }

  #receive(chunk: Buffer): void {
    for (const value of this.#reader.push(chunk)) {
      const waiting = this.#waiting.shift()
      if (value instanceof ReplyError) waiting?.reject(value)
      else waiting?.resolve(value)
    }
  }

  #fail(reason: string, cause?: Error): void {
    if (this.#failure !== undefined) return
    this.#failure = new Error(`${formatAddress(this.#endpoint.address)} ${reason}`, { cause })
    this.#socket.destroy()
    for (const waiting of this.#waiting.splice(0)) waiting.reject(this.#failure)
  }
}

/** Commands on a connection of their own, sent together; rejects with the first that fails. */
export async function ask(
  endpoint: Endpoint,
  commands: readonly (readonly Argument[])[],
  timeoutMs = 1000
): Promise<RespValue[]> {
  const connection = new RespConnection(endpoint, timeoutMs)
  try {
    return await Promise.all(commands.map((command) => connection.send(command)))
  } finally {
    connection.close()
  }
}
