import type { DnsRecord, DnsTimes } from './records.js'

/** `absent`: NXDOMAIN. `found` without addresses: the name is there, but has nothing of that type (NODATA). */
export type Answer =
  | { readonly kind: 'found'; readonly addresses: readonly string[]; readonly ttlSeconds: number }
  | { readonly kind: 'absent'; readonly ttlSeconds: number }

interface Kept {
  readonly addresses: readonly string[] | undefined
  readonly until: number
}

/**
 * The cluster's names behind a cache that keeps what it answered, both that a name has addresses and that it has none, as
 * CoreDNS's `cache` does: by name and type, from the first question on, whatever happens to the pods meanwhile.
 */
export class CachingZone {
  #times: DnsTimes
  readonly #kept = new Map<string, Kept>()
  #records: ReadonlyMap<string, readonly string[]> = new Map()

  constructor(times: DnsTimes) {
    this.#times = times
  }

  setRecords(records: readonly DnsRecord[]): void {
    this.#records = new Map(records.map(({ name, addresses }) => [name, addresses]))
  }

  setTimes(times: DnsTimes): void {
    this.#times = times
  }

  answer(question: string, type: string, nowMs: number): Answer {
    const name = question.toLowerCase()
    const key = `${name} ${type}`
    const kept = this.#kept.get(key)
    if (kept !== undefined && kept.until > nowMs) return this.#say(kept, nowMs)
    const there = this.#records.get(name)
    const addresses = there === undefined ? undefined : type === 'A' ? there : []
    const { cacheSeconds, negativeCacheSeconds } = this.#times
    const seconds = addresses === undefined || addresses.length === 0 ? negativeCacheSeconds : cacheSeconds
    const fresh = { addresses, until: nowMs + seconds * 1000 }
    this.#kept.set(key, fresh)
    return this.#say(fresh, nowMs)
  }

  #say({ addresses, until }: Kept, nowMs: number): Answer {
    const ttlSeconds = Math.max(0, Math.min(this.#times.ttlSeconds, Math.ceil((until - nowMs) / 1000)))
    return addresses === undefined ? { kind: 'absent', ttlSeconds } : { kind: 'found', addresses, ttlSeconds }
  }
}
