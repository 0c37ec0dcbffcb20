import type { Address } from '../protocol/address.js'
import { sameAddress } from '../protocol/address.js'
import { WireError } from '../protocol/handshake.js'
import { LONGEST_TIMER_MS } from '../options/longest-timer.js'
import type { SideConnection } from './side-connection.js'

export interface Durability {
  /** How many replicas must have the write before the call resolves. */
  readonly replicas: number
  /** How long they may take from the primary's reply on, in milliseconds. */
  readonly timeoutMs: number
}

/** `confirmed`: so many replicas hold it. `replaced`: the connection that gave the reply is gone, and with it what could be asked. `failed`: WAIT could not be asked. */
export type Confirmation =
  | { readonly kind: 'confirmed'; readonly replicas: number }
  | { readonly kind: 'replaced' }
  | { readonly kind: 'failed'; readonly cause: Error }

/** The connection to the primary, for as long as it lasts: another one, even to the same address, may lead to another history. */
export interface PrimaryConnection {
  readonly address: Address
  /** Counts the connections. */
  readonly generation: number
}

export interface DurabilityHost {
  /** The connection that the client writes to now. */
  primary(): PrimaryConnection | undefined
  open(address: Address, signal: AbortSignal): Promise<SideConnection>
}

interface Request {
  readonly need: Durability
  readonly primary: PrimaryConnection
  readonly until: number
  /** Why it could not be asked so far. */
  trouble?: Error
  readonly settle: (confirmation: Confirmation) => void
}

interface Lane {
  readonly address: Address
  readonly abort: AbortController
  connection: SideConnection | undefined
  /** For so many replicas it waits now; undefined while it is free. */
  waitsFor: number | undefined
  idleTimer: NodeJS.Timeout | undefined
}

/**
 * What is published so that this connection's own offset is past the write: WAIT asks about the offset after the last write of
 * the connection that asks (redis 7.2 `server.c` call(), `client->woff`; up to 7.0 after its last command of any kind), and PUBLISH
 * is replicated (`pubsub.c` publishCommand()) without touching a key.
 */
export const DURABILITY_CHANNEL = 'ioredis-sentinel:durability'

const MOST_LANES = 8
/** As long as one of these is not answered, no later write is on so many replicas either: more of them would tell nothing. */
const MOST_FOR_ONE_NUMBER = MOST_LANES / 2
const CLOSE_IDLE_AFTER_MS = 10_000
const ASK_AGAIN_MS = 10
const NOBODY: Confirmation = { kind: 'confirmed', replicas: 0 }
/** A server that answers WAIT answers it within its timeout and a round trip. */
const ANSWER_GRACE_MS = 100
/** Beyond that timeout: nothing is heard of what it would answer. */
const DEAD_AFTER_MS = 2_000

/**
 * Asks the primary how many replicas hold what it has acknowledged, by WAIT on connections of its own: the caller's commands
 * never stand behind a WAIT. Acknowledgements of the same moment share one question.
 */
export class DurabilityWaits {
  readonly #host: DurabilityHost
  /** All that is not settled. */
  readonly #requests = new Set<Request>()
  /** Those of them that nobody asks about yet, and some that are settled meanwhile, by what they need: each list is one question. */
  readonly #waiting = new Map<string, Request[]>()
  #lanes: Lane[] = []
  #pumping = false

  constructor(host: DurabilityHost) {
    this.#host = host
  }

  /** To be called when the primary's reply is read. Never rejects. */
  confirm(need: Durability): Promise<Confirmation> {
    const primary = this.#host.primary()
    if (primary === undefined) return Promise.resolve({ kind: 'replaced' })
    return new Promise((resolve) => {
      const timer = setTimeout(
        () => {
          const { trouble } = request
          request.settle(trouble === undefined ? NOBODY : { kind: 'failed', cause: trouble })
        },
        Math.min(LONGEST_TIMER_MS, need.timeoutMs + ANSWER_GRACE_MS)
      )
      const request: Request = {
        need,
        primary,
        until: performance.now() + need.timeoutMs,
        settle: (confirmation) => {
          clearTimeout(timer)
          this.#requests.delete(request)
          resolve(confirmation)
        }
      }
      this.#requests.add(request)
      this.#wait(request)
      this.#pumpSoon()
    })
  }

  /** The connection to the primary is gone: what it acknowledged can no longer be asked about. */
  connectionLost(): void {
    for (const lane of this.#lanes.splice(0)) close(lane)
    this.#waiting.clear()
    for (const { settle } of [...this.#requests]) settle({ kind: 'replaced' })
  }

  #wait(request: Request): void {
    const need = `${request.need.replicas}/${request.need.timeoutMs}`
    const alike = this.#waiting.get(need)
    if (alike === undefined) this.#waiting.set(need, [request])
    else alike.push(request)
  }

  #pumpSoon(): void {
    if (this.#pumping) return
    this.#pumping = true
    queueMicrotask(() => {
      this.#pumping = false
      this.#pump()
    })
  }

  #pump(): void {
    for (const [need, alike] of this.#waiting) {
      const [first] = alike
      const lane = first && this.#laneFor(first.need.replicas, first.primary.address)
      if (first === undefined || lane === undefined) continue
      this.#waiting.delete(need)
      const group = alike.filter((one) => this.#requests.has(one))
      if (group.length > 0) void this.#ask(lane, group, first.need.replicas)
    }
  }

  /** A number that is not asked for yet never waits for others: there may be fewer replicas than they need. */
  #laneFor(replicas: number, address: Address): Lane | undefined {
    const alike = this.#lanes.filter(({ waitsFor }) => waitsFor === replicas).length
    if (alike >= MOST_FOR_ONE_NUMBER) return undefined
    const free = this.#lanes.find((lane) => lane.waitsFor === undefined && sameAddress(lane.address, address))
    if (free !== undefined || (alike > 0 && this.#lanes.length >= MOST_LANES)) return free
    const lane: Lane = {
      address,
      abort: new AbortController(),
      connection: undefined,
      waitsFor: undefined,
      idleTimer: undefined
    }
    this.#lanes.push(lane)
    return lane
  }

  async #ask(lane: Lane, group: readonly Request[], replicas: number): Promise<void> {
    lane.waitsFor = replicas
    clearTimeout(lane.idleTimer)
    const latest = group.reduce((until, one) => Math.max(until, one.until), 0)
    // A connection that is dead keeps no lane from others.
    const givenUp = setTimeout(
      () => {
        this.#drop(lane)
      },
      Math.min(LONGEST_TIMER_MS, latest - performance.now() + DEAD_AFTER_MS)
    ).unref()
    try {
      const outcome = await this.#outcome(lane, latest, replicas)
      for (const { primary, settle } of group)
        settle(this.#host.primary()?.generation === primary.generation ? outcome : { kind: 'replaced' })
      lane.waitsFor = undefined
      lane.idleTimer = setTimeout(() => {
        this.#drop(lane)
      }, CLOSE_IDLE_AFTER_MS)
      lane.idleTimer.unref()
      this.#pumpSoon()
    } catch (error) {
      this.#drop(lane)
      this.#askAgain(group, error instanceof Error ? error : new Error(String(error)))
    } finally {
      clearTimeout(givenUp)
    }
  }

  /** The connection that asked is broken. If the client's own is too, that will be told; else another one asks. */
  #askAgain(group: readonly Request[], trouble: Error): void {
    const left = group.filter((request) => this.#requests.has(request))
    for (const request of left) request.trouble = trouble
    setTimeout(() => {
      for (const request of left) if (this.#requests.has(request)) this.#wait(request)
      this.#pumpSoon()
    }, ASK_AGAIN_MS)
  }

  async #outcome(lane: Lane, latest: number, replicas: number): Promise<Confirmation> {
    lane.connection ??= await this.#host.open(lane.address, lane.abort.signal)
    if (lane.connection.role !== 'primary') return { kind: 'replaced' }
    const left = latest - performance.now()
    const [published, count] = await lane.connection.ask(
      ['PUBLISH', DURABILITY_CHANNEL, ''],
      ['WAIT', String(replicas), String(Math.max(1, Math.ceil(left)))]
    )
    for (const answer of [published, count]) {
      if (!(answer instanceof WireError)) continue
      if (/^(UNBLOCKED|READONLY|LOADING|MASTERDOWN)/.test(answer.message)) return { kind: 'replaced' }
      return { kind: 'failed', cause: new Error(answer.message) }
    }
    return { kind: 'confirmed', replicas: Number(count) }
  }

  #drop(lane: Lane): void {
    this.#lanes = this.#lanes.filter((one) => one !== lane)
    close(lane)
  }
}

function close(lane: Lane): void {
  clearTimeout(lane.idleTimer)
  lane.abort.abort()
  lane.connection?.close()
}
