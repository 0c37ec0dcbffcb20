import type { ReplicaBack, ReplicaOut } from '../events.js'
import type { Address } from '../protocol/address.js'
import { formatAddress } from '../protocol/address.js'

export interface ReplicaReportsHandler {
  onOut(out: ReplicaOut): void
  onBack(back: ReplicaBack): void
}

/** `unknown`: not read from, for want of knowledge only. */
export type Standing =
  { readonly reads: true } | { readonly reads: false; readonly why: Omit<ReplicaOut, 'address'> | 'unknown' }

/** Tells when this client ceases to read from a replica that it has read from, and when it reads from it again. */
export class ReplicaReports {
  readonly #handler: ReplicaReportsHandler
  /** Those that have been read from; with what was told since, if they are not read from now. */
  readonly #known = new Map<string, { readonly out: ReplicaOut; readonly at: number } | undefined>()
  #pending: (() => void)[] = []

  constructor(handler: ReplicaReportsHandler) {
    this.#handler = handler
  }

  note(address: Address, standing: Standing): void {
    const key = formatAddress(address)
    const told = this.#known.get(key)
    if (standing.reads) {
      this.#known.set(key, undefined)
      if (told === undefined) return
      const back = { address, reason: told.out.reason, outMs: Math.round(performance.now() - told.at) }
      this.#pending.push(() => {
        this.#handler.onBack(back)
      })
    } else if (this.#known.has(key) && told === undefined && standing.why !== 'unknown') {
      const out = { address, ...standing.why }
      this.#known.set(key, { out, at: performance.now() })
      this.#pending.push(() => {
        this.#handler.onOut(out)
      })
    }
  }

  /** It is no replica of the group any more. */
  forget(address: Address): void {
    this.note(address, { reads: false, why: { reason: 'removed' } })
    this.#known.delete(formatAddress(address))
  }

  /** Calls the listeners: when all else is done, since they may read, or throw. */
  tell(): void {
    const { length } = this.#pending
    if (length > 0) for (const report of this.#pending.splice(0, length)) report()
  }
}
