import { AccessError } from '../errors.js'
import type { CredentialsFunction, GivenCredentials } from '../options/access.js'
import { LONGEST_TIMER_MS } from '../options/longest-timer.js'
import { accessNames, unfitCredentials } from '../options/access.js'
import type { Hop } from '../protocol/access.js'
import type { Credentials } from '../protocol/handshake.js'
import { accessError } from './access-errors.js'
import { backoffMs } from './backoff.js'
import { withinTime } from './within-time.js'

/** Who has live connections, and is told of new credentials. */
export interface CredentialFollower {
  /** Authenticates its live connections by what is current. Rejects with AccessError when one of them refuses. */
  renewed(): Promise<void>
  /** They were to be renewed by themselves, and could not be. */
  failed(error: AccessError): void
}

/** Where user and password of one hop come from. */
export interface CredentialSource {
  /** For a new connection. Not a promise where nothing has to be waited for. Rejects with AccessError. */
  get(): Credentials | Promise<Credentials>
  /** How often they have been renewed on live connections: one that was made before is behind. */
  readonly renewals: number
  /** As last given. */
  readonly current: Credentials | undefined
  /** They come from a function, and may change. */
  readonly renewable: boolean
  /** A server has refused these. */
  refused(credentials: Credentials): void
  /** A server has taken these. */
  accepted(): void
  /** Asks for them now, and has all live connections authenticated by them. Rejects with AccessError. */
  renew(): Promise<void>
  /** Undone by what it gives. */
  follow(follower: CredentialFollower): () => void
}

export function fixedCredentials(credentials: Credentials): CredentialSource {
  return {
    get: () => credentials,
    renewals: 0,
    current: credentials,
    renewable: false,
    refused: () => undefined,
    accepted: () => undefined,
    renew: () => Promise.resolve(),
    follow: () => () => undefined
  }
}

/** The longest that a function may take. */
const ANSWER_WITHIN_MS = 10_000
/** Between two calls, when the one before failed or what it gave was refused. */
const FIRST_REST_MS = 50
const LONGEST_REST_MS = 2_000
/** The same for renewals on live connections, which are in no hurry. */
const FIRST_RENEWAL_REST_MS = 500
const LONGEST_RENEWAL_REST_MS = 30_000

const sources = new WeakMap<CredentialsFunction, Partial<Record<Hop, CredentialSource>>>()

/** One source for all clients of the process that were given the same function for the same hop. */
export function credentialsOf(ask: CredentialsFunction, hop: Hop): CredentialSource {
  const known = sources.get(ask) ?? {}
  sources.set(ask, known)
  return (known[hop] ??= new AskedCredentials(ask, hop))
}

/** What a function gives: asked once for all who want it at the same time, kept for as long as it says that it is good. */
class AskedCredentials implements CredentialSource {
  readonly renewable = true
  readonly #ask: CredentialsFunction
  readonly #hop: Hop
  readonly #followers = new Set<CredentialFollower>()
  #asked: Promise<Credentials> | undefined
  #calls = 0
  /** Which call gave what is current. */
  #newest = 0
  #current: Credentials | undefined
  #freshUntil = -Infinity
  #refreshAfterMs = Infinity
  #renewals = 0
  #failures = 0
  #failedAt = -Infinity
  #timer: NodeJS.Timeout | undefined
  #failedRenewals = 0

  constructor(ask: CredentialsFunction, hop: Hop) {
    this.#ask = ask
    this.#hop = hop
  }

  get renewals(): number {
    return this.#renewals
  }

  get current(): Credentials | undefined {
    return this.#current
  }

  get(): Credentials | Promise<Credentials> {
    if (this.#current !== undefined && performance.now() < this.#freshUntil) return this.#current
    return (this.#asked ??= this.#begin(true))
  }

  refused(credentials: Credentials): void {
    if (credentials !== this.#current) return
    this.#freshUntil = -Infinity
    this.#failed()
  }

  accepted(): void {
    this.#failures = 0
  }

  async renew(): Promise<void> {
    // What was asked before it was known that they change may be the old ones.
    this.#asked = this.#begin(false)
    await this.#asked
    this.#renewals += 1
    const told = await Promise.allSettled([...this.#followers].map((follower) => follower.renewed()))
    const refusal = told.find((one) => one.status === 'rejected')
    if (refusal !== undefined) throw refusal.reason
    if (!this.#isOwed) return
    this.#failedRenewals = 0
    this.#schedule()
  }

  follow(follower: CredentialFollower): () => void {
    this.#followers.add(follower)
    if (!this.#isOwed) this.#schedule()
    return () => {
      this.#followers.delete(follower)
      if (this.#followers.size > 0) return
      this.#stop()
      this.#failedRenewals = 0
    }
  }

  /** A renewal has failed, and is tried again: what a new connection is given meanwhile does not reach the live ones. */
  get #isOwed(): boolean {
    return this.#failedRenewals > 0
  }

  #begin(rested: boolean): Promise<Credentials> {
    const asked = this.#call(rested).finally(() => {
      if (this.#asked === asked) this.#asked = undefined
    })
    return asked
  }

  async #call(rested: boolean): Promise<Credentials> {
    const restMs = this.#failedAt + backoffMs(this.#failures - 1, FIRST_REST_MS, LONGEST_REST_MS) - performance.now()
    if (rested && this.#failures > 0 && restMs > 0) await rest(restMs)
    const call = ++this.#calls
    const askedAt = performance.now()
    try {
      const given: unknown = await withinTime(ANSWER_WITHIN_MS, (signal) => this.#ask({ hop: this.#hop, signal }))
      const unfit = unfitCredentials(given)
      if (unfit !== undefined) throw this.#error(unfit)
      return this.#take(given as GivenCredentials, call, askedAt)
    } catch (error) {
      this.#failed()
      if (error instanceof AccessError) throw error
      throw this.#error(`failed: ${error instanceof Error ? error.message : String(error)}`, error)
    }
  }

  #take(given: GivenCredentials, call: number, askedAt: number): Credentials {
    const { username, password, refreshAfterMs = Infinity } = given
    const credentials = { username: username ?? undefined, password }
    if (call < this.#newest) return credentials
    this.#newest = call
    this.#current = credentials
    this.#refreshAfterMs = refreshAfterMs
    this.#freshUntil = refreshAfterMs === Infinity ? -Infinity : askedAt + refreshAfterMs
    if (!this.#isOwed) this.#schedule()
    return credentials
  }

  #failed(): void {
    this.#failures += 1
    this.#failedAt = performance.now()
  }

  #error(what: string, cause?: unknown): AccessError {
    const who = `the function of the option "${accessNames(this.#hop).credentials}"`
    return accessError({ hop: this.#hop, reason: 'credentials-failed', what: `${who} ${what}`, cause })
  }

  /** Renews them by themselves, while there are connections to be renewed. */
  #schedule(afterMs = this.#freshUntil - performance.now()): void {
    this.#stop()
    if (this.#followers.size === 0 || this.#refreshAfterMs === Infinity) return
    this.#timer = setTimeout(
      () => {
        void this.#renewByItself()
      },
      Math.min(LONGEST_TIMER_MS, Math.max(1, afterMs))
    ).unref()
  }

  async #renewByItself(): Promise<void> {
    try {
      await this.renew()
    } catch (error) {
      if (this.#followers.size === 0) return
      for (const follower of this.#followers) follower.failed(error as AccessError)
      this.#schedule(backoffMs(this.#failedRenewals++, FIRST_RENEWAL_REST_MS, LONGEST_RENEWAL_REST_MS))
    }
  }

  #stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}

function rest(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })
}
