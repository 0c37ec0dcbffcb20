import type { Socket } from 'node:net'
import type { Address, Route } from '../protocol/address.js'
import { sameAddress } from '../protocol/address.js'
import { backoffMs } from './backoff.js'
import { connectionClosedError } from './ioredis-internals.js'
import type { SocketSource } from './ioredis-internals.js'
import type { NodeSettings, OpenSocket } from './open-node.js'
import { openNode } from './open-node.js'
import type { OpenError } from './open-socket.js'
import { isOpenError } from './open-socket.js'
import { steadyNow } from './steady-now.js'
import type { Watch } from './watch.js'

export interface PrimarySourceHandler {
  /** Whoever is the primary is being replaced, and nothing would be written to it: the next one is waited for. */
  awaitsSuccessor(): boolean
  /** This socket, to a node that says it is the primary, goes to ioredis next. */
  onSocket(connection: OpenSocket, address: Address): void
  onTrouble(error: OpenError): void
}

const FIRST_RETRY_MS = 20
const LONGEST_RETRY_MS = 1_000
/** What is awaited may end by a limit of time, which no change of the topology tells. */
const LOOK_AGAIN_MS = 100

/**
 * Sockets to whoever is the primary now: the topology is asked before each attempt and the role on each connection, and a
 * change of the topology breaks off a wait or an attempt at once.
 */
export class PrimarySource implements SocketSource {
  readonly #watch: () => Watch
  readonly #settings: NodeSettings
  readonly #reach: (address: Address) => Route
  readonly #handler: PrimarySourceHandler

  constructor(
    watch: () => Watch,
    settings: NodeSettings,
    reach: (address: Address) => Route,
    handler: PrimarySourceHandler
  ) {
    this.#watch = watch
    this.#settings = settings
    this.#reach = reach
    this.#handler = handler
  }

  async next(signal: AbortSignal): Promise<Socket> {
    const watch = this.#watch()
    for (let attempt = 0; ; attempt++) {
      if (signal.aborted) throw connectionClosedError()
      const address = watch.topology.primary?.address
      const isAnother = (): boolean => !sameAddress(watch.topology.primary?.address, address)
      if (address === undefined) {
        await until(isAnother, watch, signal)
        continue
      }
      if (this.#handler.awaitsSuccessor()) {
        await until(() => isAnother() || !this.#handler.awaitsSuccessor(), watch, signal, LOOK_AGAIN_MS)
        continue
      }
      // Its role was told before whatever it is suspected for: it is to be told again.
      const ready = watch.topology.phase.kind === 'suspect' ? undefined : watch.takeSocket(address)
      const connection = ready ?? (await this.#open(watch, address, signal))
      if (connection !== undefined) {
        const { socket } = connection
        if (!isAnother() && !signal.aborted) {
          this.#handler.onSocket(connection, address)
          return socket
        }
        socket.destroy()
        attempt = -1
        continue
      }
      await until(isAnother, watch, signal, backoffMs(attempt, FIRST_RETRY_MS, LONGEST_RETRY_MS))
      if (isAnother()) attempt = -1
    }
  }

  async #open(watch: Watch, address: Address, signal: AbortSignal): Promise<OpenSocket | undefined> {
    const attempt = new AbortController()
    const giveUp = (): void => {
      if (!sameAddress(watch.topology.primary?.address, address)) attempt.abort()
    }
    const abort = (): void => {
      attempt.abort()
    }
    watch.on('topology', giveUp)
    signal.addEventListener('abort', abort, { once: true })
    try {
      const connection = await openNode(this.#reach(address), this.#settings, attempt.signal)
      const { socket, role } = connection
      if (role !== 'sentinel') watch.observe({ kind: 'role', at: steadyNow(), address, role })
      if (role === 'primary') return connection
      socket.destroy()
      watch.refresh()
    } catch (error) {
      if (isOpenError(error)) {
        watch.observe({ kind: 'node-error', at: steadyNow(), address, error: 'link-lost' })
        this.#handler.onTrouble(error)
      }
    } finally {
      watch.off('topology', giveUp)
      signal.removeEventListener('abort', abort)
    }
    return undefined
  }
}

/** Resolves when the topology makes it true, at once if it is so already, when the time is over, or when aborted. */
function until(isTrue: () => boolean, watch: Watch, signal: AbortSignal, withinMs?: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      watch.off('topology', check)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const check = (): void => {
      if (isTrue()) done()
    }
    const timer = withinMs === undefined ? undefined : setTimeout(done, withinMs)
    watch.on('topology', check)
    signal.addEventListener('abort', done, { once: true })
    if (signal.aborted) done()
    else check()
  })
}
