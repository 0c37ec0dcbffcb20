import { ConfigurationError } from '../errors.js'
import type { Access } from './access.js'
import type { LiveConnection } from './live-credentials.js'
import { authenticateLive } from './live-credentials.js'
import type { NodeSettings } from './open-node.js'
import type { OpenError } from './open-socket.js'
import { isOpenError } from './open-socket.js'

export interface CredentialsHost {
  readonly node: NodeSettings
  readonly sentinel: Access
  /** The connection that carries the calls. */
  primary(): LiveConnection
  /** All other connections to nodes that live for long, authenticated anew. `onLate`: what a server says when nobody waits for it any more. */
  authenticateOthers(onLate: (error: OpenError) => void): readonly (Promise<void> | undefined)[]
  onTrouble(error: OpenError): void
}

/** Has the connections of one client authenticated by the credentials that are current. */
export class ClientCredentials {
  readonly #host: CredentialsHost
  /** Ends being told of new credentials. */
  #unfollow: (() => void) | undefined
  /** How often credentials had been renewed when the primary was greeted. */
  #greetedAt = 0

  constructor(host: CredentialsHost) {
    this.#host = host
  }

  follow(): void {
    this.#unfollow ??= this.#host.node.access.credentials.follow({
      renewed: () => this.#authenticateAll(),
      failed: (error) => {
        this.#host.onTrouble(error)
      }
    })
  }

  close(): void {
    this.#unfollow?.()
    this.#unfollow = undefined
  }

  /** The connection that ioredis will greet by credentials that had been renewed so often. */
  attached(renewals: number): void {
    this.#greetedAt = renewals
  }

  /** It is greeted: what was renewed meanwhile is made up for. */
  ready(): void {
    if (this.#host.node.access.credentials.renewals === this.#greetedAt) return
    this.#authenticatePrimary().catch((error: unknown) => {
      if (isOpenError(error)) this.#host.onTrouble(error)
    })
  }

  /** Asks for credentials anew, and has live connections authenticated by them. Rejects with AccessError, and with ConfigurationError when they never change. */
  async reauthenticate(): Promise<void> {
    const { node, sentinel } = this.#host
    const sources = [node.access.credentials, sentinel.credentials].filter(({ renewable }) => renewable)
    if (sources.length === 0)
      throw new ConfigurationError(
        'reauthenticate() needs the option "credentials" or "sentinelCredentials": without one of them user and password never change'
      )
    const done = await Promise.allSettled(sources.map((source) => source.renew()))
    for (const one of done) if (one.status === 'rejected') throw one.reason
  }

  async #authenticateAll(): Promise<void> {
    await Promise.all([
      this.#authenticatePrimary(),
      ...this.#host.authenticateOthers((error) => {
        this.#host.onTrouble(error)
      })
    ])
  }

  async #authenticatePrimary(): Promise<void> {
    const { node } = this.#host
    await authenticateLive(this.#host.primary(), node.access, node.connectTimeoutMs, (error) => {
      this.#host.onTrouble(error)
    })
  }
}
