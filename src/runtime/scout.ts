import type { Socket } from 'node:net'
import { AccessError } from '../errors.js'
import type { Address, Route } from '../protocol/address.js'
import { sameAddress } from '../protocol/address.js'
import { GreetingReader, roleIn, ROLE_QUESTION } from '../protocol/handshake.js'
import { pause } from './backoff.js'
import type { NodeSettings, OpenSocket } from './open-node.js'
import { openNode } from './open-node.js'
import type { OpenError } from './open-socket.js'
import { isOpenError } from './open-socket.js'

export interface ScoutReport {
  onRole(address: Address, role: 'primary' | 'replica'): void
  /** A node could not be asked; it goes on trying. */
  onTrouble(error: OpenError): void
}

const ASK_EVERY_MS = 20
const RETRY_MS = 15
/** One that does not let this client in will not for a while. */
const RETRY_ACCESS_MS = 250
/** The first early connection is made when the order is heard of, the second so many milliseconds later. */
const EARLY_AGAIN_MS = 3
/** A verified connection that nobody takes within this is closed. */
const KEEP_MS = 1_000

/**
 * Watches the node that is about to become the primary. It connects ahead of time; the promotion closes every client
 * connection of that node (redis `sentinel.c` sentinelSendSlaveOf(): CLIENT KILL TYPE normal in the same MULTI as REPLICAOF NO
 * ONE), so a closed connection is the signal to ask for the role again at once. It asks every 20 ms too.
 */
export class Scout {
  readonly #settings: NodeSettings
  readonly #report: ScoutReport
  readonly #reach: (address: Address) => Route
  #target: Address | undefined
  #abort = new AbortController()
  #ready: (OpenSocket & { readonly address: Address }) | undefined

  constructor(settings: NodeSettings, reach: (address: Address) => Route, report: ScoutReport) {
    this.#settings = settings
    this.#reach = reach
    this.#report = report
  }

  /** Watches this node, and no other; undefined ends it. */
  watch(target: Address | undefined): void {
    if (sameAddress(target, this.#target)) return
    this.#abort.abort()
    this.#target = target
    if (target === undefined) return
    this.#abort = new AbortController()
    void this.#run(target, this.#abort.signal)
  }

  /**
   * The node has been told to become the primary. It executes that and writes its configuration to disk in one go (redis
   * `sentinel.c` sentinelSendSlaveOf()), and closes its connections at the end of it: one that is made meanwhile waits at the
   * node, and is answered first.
   */
  expectPromotion(address: Address): void {
    const [target, { signal }] = [this.#target, this.#abort]
    if (target === undefined || !sameAddress(target, address)) return
    void this.#tryEarly(target, signal)
    setTimeout(() => void this.#tryEarly(target, signal), EARLY_AGAIN_MS).unref()
  }

  /** The connection on which this node said that it is the primary: once, for one taker. */
  take(address: Address): OpenSocket | undefined {
    const ready = this.#ready
    if (ready === undefined || !sameAddress(ready.address, address)) return undefined
    this.#ready = undefined
    ready.socket.removeAllListeners('close')
    return ready.socket.destroyed || !ready.socket.writable ? undefined : ready
  }

  /** Closes a connection that nobody took. */
  discard(): void {
    this.#ready?.socket.destroy()
    this.#ready = undefined
  }

  close(): void {
    this.watch(undefined)
    this.discard()
  }

  #found(ready: OpenSocket & { readonly address: Address }): void {
    if (this.#ready?.socket.writable === true) ready.socket.destroy()
    else this.#keep(ready)
    this.#report.onRole(ready.address, 'primary')
  }

  #keep(ready: OpenSocket & { readonly address: Address }): void {
    this.discard()
    this.#ready = ready
    const forget = (): void => {
      if (this.#ready === ready) this.discard()
    }
    ready.socket.once('close', forget)
    setTimeout(forget, KEEP_MS).unref()
  }

  async #tryEarly(address: Address, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.#ready !== undefined) return
    try {
      const { role, ...connection } = await openNode(this.#reach(address), this.#settings, signal)
      if (role === 'primary' && !signal.aborted) this.#found({ address, ...connection })
      else connection.socket.destroy()
    } catch {
      // The connection that watches the node tells what is wrong with it.
    }
  }

  async #run(target: Address, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const { role, ...connection } = await openNode(this.#reach(target), this.#settings, signal)
        if (role === 'primary') {
          this.#found({ address: target, ...connection })
          if (signal.aborted) return
          await pause(ASK_EVERY_MS, signal)
          continue
        }
        if (role === 'replica') this.#report.onRole(target, role)
        await untilPromoted(connection.socket, signal)
      } catch (error) {
        if (signal.aborted) return
        if (isOpenError(error)) this.#report.onTrouble(error)
        await pause(error instanceof AccessError ? RETRY_ACCESS_MS : RETRY_MS, signal)
      }
    }
  }
}

/** Resolves when the node closes the connection, says that it is no longer a replica, or the signal aborts; the socket is then gone. */
function untilPromoted(socket: Socket, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const reader = new GreetingReader()
    const done = (): void => {
      clearInterval(timer)
      signal.removeEventListener('abort', done)
      socket.destroy()
      resolve()
    }
    const timer = setInterval(() => {
      socket.write(ROLE_QUESTION)
    }, ASK_EVERY_MS)
    signal.addEventListener('abort', done, { once: true })
    socket.once('close', done)
    socket.once('error', done)
    socket.on('data', (chunk: Buffer) => {
      try {
        if (reader.push(chunk).some((answer) => roleIn(answer) === 'primary')) done()
      } catch {
        done()
      }
    })
    socket.resume()
    // It may have been closed since its last answer was read, and does not say so again.
    if (signal.aborted || socket.destroyed) done()
  })
}
