import type { Command } from 'ioredis'
import type { AnyRedis } from '../any-redis.js'
import type { ChangeableCredentials } from '../../protocol/handshake.js'
import type { ClientCore } from '../client-core.js'
import { connectionClosedError } from '../ioredis-internals.js'

/** A client of the same kind and options for transactions alone: one connection to the primary, wherever that is. */
export interface TransactionConnection {
  readonly redis: AnyRedis
  readonly core: ClientCore
  /** By which it enters the primary from its next connection on; undefined where a function is asked. */
  readonly credentials: ChangeableCredentials | undefined
  /** One after the other, as one for those who are told of calls. */
  sendTogether(commands: readonly Command[]): void
  /** Ends it when what is on its way has been answered, or soon after. */
  close(): Promise<void>
  /** At once. */
  end(): void
}

interface Waiter {
  readonly resolve: (connection: TransactionConnection) => void
  readonly reject: (error: Error) => void
}

/** One that nobody has needed for so long is closed. */
const IDLE_MS = 10_000

/** The connections of one client's transactions: each is one transaction's alone, from its first run to its last. */
export class TransactionConnections {
  readonly #open: () => TransactionConnection
  readonly #most: number
  readonly #all = new Set<TransactionConnection>()
  /** The one that was used last is the last: it is the next to be used, so the others can be closed. */
  #idle: { readonly connection: TransactionConnection; readonly since: number }[] = []
  #waiting: Waiter[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(open: () => TransactionConnection, most: number) {
    this.#open = open
    this.#most = most
  }

  get credentials(): readonly ChangeableCredentials[] {
    return [...this.#all].flatMap(({ credentials }) => credentials ?? [])
  }

  get size(): number {
    return this.#all.size
  }

  /** Some are taken. */
  get busy(): boolean {
    return this.#all.size > this.#idle.length
  }

  get waiting(): number {
    return this.#waiting.length
  }

  /** In the order in which they are asked for. Rejects with the signal's reason, or when the client is closed. */
  take(signal: AbortSignal): Promise<TransactionConnection> {
    const idle = this.#idle.pop()
    if (idle !== undefined) return Promise.resolve(idle.connection)
    if (this.#all.size < this.#most) return Promise.resolve(this.#new())
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting = this.#waiting.filter((one) => one !== waiter)
        reject(signal.reason as Error)
      }
      const waiter: Waiter = {
        resolve: (connection) => {
          signal.removeEventListener('abort', leave)
          resolve(connection)
        },
        reject: (error) => {
          signal.removeEventListener('abort', leave)
          reject(error)
        }
      }
      this.#waiting.push(waiter)
      signal.addEventListener('abort', leave, { once: true })
    })
  }

  /** `clean`: nothing of the transaction is still on its way, which what comes next would have to wait for. One that is not is closed. */
  giveBack(connection: TransactionConnection, clean: boolean): void {
    if (!this.#all.has(connection)) return
    const waiter = this.#waiting.shift()
    if (!clean) {
      this.#all.delete(connection)
      connection.end()
      waiter?.resolve(this.#new())
    } else if (waiter !== undefined) waiter.resolve(connection)
    else {
      this.#idle.push({ connection, since: performance.now() })
      this.#closeIdleLater()
    }
  }

  /** Lets what is on its way be answered for a moment, and closes all. */
  async drain(): Promise<void> {
    this.#refuseWaiting()
    await Promise.all([...this.#all].map((connection) => connection.close()))
    this.end()
  }

  end(): void {
    this.#refuseWaiting()
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#idle = []
    for (const connection of this.#all) connection.end()
    this.#all.clear()
  }

  #new(): TransactionConnection {
    const connection = this.#open()
    this.#all.add(connection)
    return connection
  }

  #refuseWaiting(): void {
    for (const waiter of this.#waiting.splice(0)) waiter.reject(connectionClosedError())
  }

  #closeIdleLater(): void {
    const [oldest] = this.#idle
    if (oldest === undefined || this.#timer !== undefined) return
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined
        this.#closeIdle(performance.now() - IDLE_MS)
        this.#closeIdleLater()
      },
      oldest.since + IDLE_MS - performance.now()
    )
    this.#timer.unref()
  }

  #closeIdle(before: number): void {
    for (const { connection, since } of this.#idle) {
      if (since > before) continue
      this.#all.delete(connection)
      connection.end()
    }
    this.#idle = this.#idle.filter(({ since }) => since > before)
  }
}
