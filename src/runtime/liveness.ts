import type { AnyRedis } from './any-redis.js'
import { answersWithin } from './answers-within.js'
import { backoffMs, pause } from './backoff.js'
import { inFlightCount, oldestInFlight } from './ioredis-internals.js'
import type { SideConnection } from './side-connection.js'

export interface LivenessHost {
  /** When something was last heard on the connection: performance.now(). */
  heardAt(): number
  /** A question behind whatever is in flight. Its silence is noticed like any other's. */
  ping(): void
  /** Another connection to the same node. */
  openSide(signal: AbortSignal): Promise<SideConnection>
  /** The node lives, and this connection does not. */
  onDead(why: string): void
}

/** For connections that others can stand in for: looked into for as long as they are silent, and given up sooner. */
export interface Persistence {
  /** How long a connection may be silent on which the node has nothing to do. */
  readonly graceMs: number
}

const SHORTEST_IDLE_MS = 1_000
const LONGEST_IDLE_MS = 15_000
const LOOK_AGAIN_MS = 100
/** A node that is asked may freeze in that moment. */
const ANSWER_WITHIN_MS = 1_000
/** Pauses between questions that the node did not answer, on a connection that is looked into persistently. */
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5_000
/** How often a node is asked that has something to do on a connection. */
export const LOOK_AT_WORK_EVERY_MS = 500
/** For so long it counts that the node said that it has something to do on the connection. */
const WORKING_COUNTS_MS = 2_000
const SHORTEST_GRACE_MS = 500
const LONGEST_GRACE_MS = 5_000

/** What the node says of a connection of ours. `working`: it waits for the node (a blocking call, CLIENT PAUSE), or the node receives something on it. */
type Verdict = 'unknown-to-node' | 'working' | 'idle' | 'no-verdict'

interface Look {
  readonly verdict: Verdict
  /** Another text when the node has received more. */
  readonly received: string
}

const NO_VERDICT: Look = { verdict: 'no-verdict', received: '' }

/**
 * Finds connections that are dead though the node lives: it forgot them, or their packets go nowhere. An idle connection is
 * asked by PING. Of one that does not answer the node itself is asked on another connection, by CLIENT LIST ID: a blocking or slow
 * command on a live node is never taken for a dead connection, and a node that answers nobody is left to the sentinels.
 */
export class Liveness {
  readonly #redis: AnyRedis
  readonly #downAfterMs: () => number
  readonly #host: LivenessHost
  readonly #persistence: Persistence | undefined
  #clientId: number | undefined
  #timer: NodeJS.Timeout | undefined
  #abort = new AbortController()
  /** Of the connection that is being looked into. */
  #looking: AbortSignal | undefined
  #workingAt = -Infinity
  #waitingAt = -Infinity

  constructor(redis: AnyRedis, downAfterMs: () => number, host: LivenessHost, persistence?: Persistence) {
    this.#redis = redis
    this.#downAfterMs = downAfterMs
    this.#host = host
    this.#persistence = persistence
  }

  /** A new connection, called so by its node. */
  attach(clientId: number | undefined): void {
    this.reset()
    this.#abort = new AbortController()
    this.#clientId = clientId
    this.#waitForIdle()
  }

  /** The node has not answered for a while. */
  suspect(): void {
    void this.#look()
  }

  /** The node said a moment ago that the connection waits for it, or receives something on it. */
  get working(): boolean {
    return performance.now() - this.#workingAt < WORKING_COUNTS_MS
  }

  /** The node said that the connection waits for it, and not longer ago than this. */
  waited(withinMs: number): boolean {
    return performance.now() - this.#waitingAt < withinMs
  }

  /** The connection is gone. */
  reset(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#abort.abort()
  }

  #waitForIdle(): void {
    const interval = clamp(this.#downAfterMs() / 2, SHORTEST_IDLE_MS, LONGEST_IDLE_MS)
    const left = this.#host.heardAt() + interval - performance.now()
    this.#timer = setTimeout(
      () => {
        if (performance.now() - this.#host.heardAt() >= interval) this.#idle()
        this.#waitForIdle()
      },
      left > 0 ? left : interval
    )
    this.#timer.unref()
  }

  #idle(): void {
    if (inFlightCount(this.#redis) > 0) void this.#look()
    else if (this.#redis.status === 'ready') this.#host.ping()
  }

  /** Asks until there is a verdict or an answer. A connection on which the node has nothing to do, and that stays silent, is dead. */
  async #look(): Promise<void> {
    const { signal } = this.#abort
    if (this.#looking === signal || this.#clientId === undefined) return
    this.#looking = signal
    const since = this.#host.heardAt()
    const graceMs = this.#persistence?.graceMs ?? clamp(this.#downAfterMs() / 2, SHORTEST_GRACE_MS, LONGEST_GRACE_MS)
    let unanswered = 0
    let received: string | undefined
    try {
      let [oldest, idleSince] = [oldestInFlight(this.#redis), performance.now()]
      while (!signal.aborted && this.#host.heardAt() === since) {
        const look = await this.#ask(this.#clientId, signal)
        const verdict = isReceiving(look, received) ? 'working' : look.verdict
        if (signal.aborted || this.#host.heardAt() !== since) return
        if (verdict === 'no-verdict') {
          if (this.#persistence === undefined) return
          await pause(backoffMs(unanswered++, FIRST_PAUSE_MS, LONGEST_PAUSE_MS), signal)
          idleSince = performance.now()
          continue
        }
        received = look.received
        if (verdict === 'unknown-to-node') {
          this.#host.onDead('the node does not know this connection any more')
          return
        }
        const now = performance.now()
        const oldestNow = oldestInFlight(this.#redis)
        if (oldestNow === undefined) return
        if (verdict === 'working') this.#workingAt = now
        if (look.verdict === 'working') this.#waitingAt = now
        if (verdict === 'working' || oldestNow !== oldest) [oldest, idleSince] = [oldestNow, now]
        else if (now - idleSince >= graceMs) {
          this.#host.onDead('the node answers on other connections, and has nothing to do on this one')
          return
        }
        await pause(verdict === 'working' ? LOOK_AT_WORK_EVERY_MS : LOOK_AGAIN_MS, signal)
      }
    } finally {
      if (this.#looking === signal) this.#looking = undefined
    }
  }

  async #ask(clientId: number, signal: AbortSignal): Promise<Look> {
    let side: SideConnection | undefined
    try {
      side = await this.#host.openSide(signal)
      const [answer] = await answersWithin(ANSWER_WITHIN_MS, side, [['CLIENT', 'LIST', 'ID', String(clientId)]], signal)
      return typeof answer === 'string' ? { verdict: verdictIn(answer), received: receivedIn(answer) } : NO_VERDICT
    } catch {
      return NO_VERDICT
    } finally {
      side?.close()
    }
  }
}

/** redis `networking.c` getClientInfoString(): `flags` has `b` for a client that is blocked, paused ones too. */
function verdictIn(line: string): Verdict {
  const flags = /(?:^| )flags=(\S+)/.exec(line)?.[1]
  if (flags === undefined) return line.trim() === '' ? 'unknown-to-node' : 'no-verdict'
  return flags.includes('b') ? 'working' : 'idle'
}

/**
 * Redis 8 and Valkey count all that came (`tot-net-in`). Others tell what came of a call that is not whole yet: `qbuf`, which they have not
 * looked at, and `argv-mem`, the arguments that are whole.
 */
function receivedIn(line: string): string {
  return (line.match(/ (?:qbuf|argv-mem|tot-net-in)=\d+/g) ?? []).join('')
}

/** A large value that is on its way is no reason to give the connection up. */
function isReceiving({ verdict, received }: Look, before: string | undefined): boolean {
  return verdict === 'idle' && before !== undefined && received !== before
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most)
}
