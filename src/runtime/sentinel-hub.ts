import type { Address, Route } from '../protocol/address.js'
import { formatAddress } from '../protocol/address.js'
import { groupOf, orderedToBePrimary } from '../protocol/parse-event.js'
import type { SentinelEvent } from '../protocol/parse-event.js'
import type { Observation } from '../topology/observation.js'
import type { OpenError } from './open-socket.js'
import { isOpenError, OpenNodeError } from './open-socket.js'
import type { ResolvedSeed } from './seeds.js'
import { resolveSeed } from './seeds.js'
import { SentinelAliases } from './sentinel-aliases.js'
import { SentinelLink } from './sentinel-link.js'
import type { SentinelSettings } from './sentinel-link.js'
import { SnapshotPoll } from './snapshot-poll.js'
import { steadyNow } from './steady-now.js'
import { withinTime } from './within-time.js'

export interface HubOptions extends SentinelSettings {
  readonly seeds: readonly Address[]
  readonly pollIntervalMs: number
  readonly routeTo: (announced: Address) => Route
}

/** One who follows one group through the hub. */
export interface GroupFollower {
  readonly group: string
  observe(observation: Observation): void
  /** A sentinel cannot be connected to, or does not let this client in. */
  trouble(error: OpenError): void
}

interface Endpoint {
  readonly link: SentinelLink
  readonly polls: Map<string, SnapshotPoll>
  /** Its name: what its certificate is for. */
  readonly announced: string
  /** From a seed, or named by another sentinel. */
  source: 'seed' | 'discovered'
  /** When it was last named by a seed's resolution or by a sentinel: performance.now(). */
  namedAt: number
  error: Error | undefined
}

const MOST_NAMED = 1_000
/** Names are resolved anew this often while all is well, and at every trouble, at most this often. */
const RESOLVE_EVERY_MS = 10_000
const RESOLVE_AT_MOST_MS = 500
/** A discovered sentinel that nobody names any more and that does not answer is let go after this. */
const FORGET_AFTER_MS = 60_000

/**
 * The sentinels of one deployment, one connection each, for all clients of this process. It knows which sentinels there are;
 * what they say goes to the followers of each group.
 */
export class SentinelHub {
  readonly #options: HubOptions
  readonly #endpoints = new Map<string, Endpoint>()
  readonly #followers = new Map<string, Set<GroupFollower>>()
  readonly #aliases = new SentinelAliases()
  /** Connections that only ask who is at an address. */
  readonly #questions = new Set<SentinelLink>()
  /** What sentinels tell of each other, as they announce it. */
  readonly named = new Set<string>()
  readonly #seedErrors = new Map<string, Error>()
  #resolving = false
  /** Seeds that are being looked up, which may take longer than the others wait. */
  readonly #lookedUp = new Set<Address>()
  #resolvedAt = -Infinity
  #resolveTimer: NodeJS.Timeout | undefined
  #closed = false

  readonly #unfollow: () => void

  constructor(options: HubOptions) {
    this.#options = options
    this.#unfollow = options.access.credentials.follow({
      renewed: async () => {
        await Promise.all([...this.#endpoints.values()].map(({ link }) => link.authenticate()))
      },
      failed: (error) => {
        this.#complain(error)
      }
    })
  }

  follow(follower: GroupFollower): void {
    const others = this.#followers.get(follower.group)
    if (others === undefined) this.#followers.set(follower.group, new Set([follower]))
    else others.add(follower)
    const at = steadyNow()
    if (this.#endpoints.size === 0) {
      // A start waits for every seed to answer or fail; those with names get their addresses at once.
      for (const seed of this.#options.seeds)
        follower.observe({ kind: 'sentinel-added', at, from: formatAddress(seed) })
    }
    for (const [key, endpoint] of this.#endpoints) {
      follower.observe({ kind: 'sentinel-added', at, from: key })
      if (endpoint.error !== undefined)
        follower.observe({ kind: 'sentinel-lost', at, from: key, reason: wordsOf(endpoint.error) })
      this.#poll(endpoint, follower.group)?.now()
    }
    for (const [key, error] of this.#seedErrors)
      follower.observe({ kind: 'sentinel-lost', at, from: key, reason: error.message })
    if (this.#resolvedAt === -Infinity) void this.#resolve()
  }

  unfollow(follower: GroupFollower): void {
    const others = this.#followers.get(follower.group)
    others?.delete(follower)
    if (others?.size !== 0) return
    this.#followers.delete(follower.group)
    for (const { polls } of this.#endpoints.values()) {
      polls.get(follower.group)?.stop()
      polls.delete(follower.group)
    }
  }

  /** Asks every sentinel about a group now. */
  refresh(group: string): void {
    for (const endpoint of this.#endpoints.values()) this.#poll(endpoint, group)?.now()
  }

  /** Asks ten times a second instead of at the poll interval. */
  hurry(group: string, hurried: boolean): void {
    for (const endpoint of this.#endpoints.values()) this.#poll(endpoint, group)?.hurry(hurried)
  }

  /** The names of all groups that the reachable sentinels know. */
  async groupNames(): Promise<readonly string[]> {
    const links = [...this.#endpoints.values()].filter(({ link }) => link.id !== undefined)
    const answers = await Promise.allSettled(links.map(({ link }) => link.groupNames()))
    return [...new Set(answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : [])))].sort()
  }

  /** The answer of one sentinel to one SENTINEL command. Rejects with its error reply, or when there is no link to it. */
  async command(key: string, words: readonly string[]): Promise<unknown> {
    const link = this.#endpoints.get(key)?.link
    if (link?.id === undefined) throw new Error(`there is no connection to the sentinel ${key}`)
    return link.command(words)
  }

  /** The last error of each sentinel that does not answer, by `host:port`. */
  errors(): Readonly<Record<string, Error>> {
    const found: Record<string, Error> = {}
    for (const [key, error] of this.#seedErrors) found[key] = error
    for (const [key, { link, error }] of this.#endpoints) {
      if (link.id === undefined || error !== undefined) found[key] = error ?? new Error('no answer yet')
    }
    return found
  }

  close(): void {
    this.#closed = true
    this.#unfollow()
    clearTimeout(this.#resolveTimer)
    for (const link of this.#questions) link.close()
    for (const key of [...this.#endpoints.keys()]) this.#remove(key)
  }

  /**
   * Resolves the seeds and links to every address they have; none is ever dropped for not resolving. All of them first, since sentinels tell
   * of each other at once, and a seed's name is worth more than the address that they know; but not for ever.
   */
  async #resolve(): Promise<void> {
    if (this.#resolving || this.#closed) return
    this.#resolving = true
    this.#resolvedAt = performance.now()
    const { seeds, family, timeoutMs } = this.#options
    const inTime: ResolvedSeed[] = []
    let waits = true
    const lookUps = seeds.map(async (seed) => {
      if (this.#lookedUp.has(seed)) return
      this.#lookedUp.add(seed)
      const resolved = await resolveSeed(seed, family)
      this.#lookedUp.delete(seed)
      if (waits) inTime.push(resolved)
      else this.#take(resolved)
    })
    await withinTime(timeoutMs, () => Promise.all(lookUps)).catch(() => undefined)
    waits = false
    this.#resolving = false
    for (const resolved of inTime) this.#take(resolved)
    if (this.#closed) return
    this.#forget()
    this.#scheduleResolve(RESOLVE_EVERY_MS)
  }

  #take({ seed, addresses, error }: ResolvedSeed): void {
    if (this.#closed) return
    const seedKey = formatAddress(seed)
    for (const address of addresses) this.#name({ announced: seed, reached: address }, 'seed')
    if (error === undefined) this.#seedErrors.delete(seedKey)
    else {
      this.#seedErrors.set(seedKey, error)
      this.#tell({ kind: 'sentinel-lost', at: steadyNow(), from: seedKey, reason: error.message })
    }
    if (addresses.length > 0 && !this.#endpoints.has(seedKey))
      this.#tell({ kind: 'sentinel-removed', at: steadyNow(), from: seedKey })
  }

  #scheduleResolve(delayMs: number): void {
    clearTimeout(this.#resolveTimer)
    if (this.#closed) return
    this.#resolveTimer = setTimeout(() => void this.#resolve(), delayMs)
    // Links keep the process running. While none is up, one may wait for what keeps nothing, such as its credentials; commands wait too.
    if ([...this.#endpoints.values()].some(({ link }) => link.id !== undefined)) this.#resolveTimer.unref()
  }

  /** Somebody names this sentinel: link to it unless one of its addresses has a link. */
  #name(route: Route, source: Endpoint['source']): void {
    const key = formatAddress(route.reached)
    const known = this.#endpoints.get(key)
    if (known !== undefined && !isBetterName(known, route, source)) {
      known.namedAt = performance.now()
      if (source === 'seed') known.source = 'seed'
      return
    }
    this.#remove(key)
    const alias = this.#aliases.idOf(key)
    if (alias !== undefined && this.#linkTo(alias) !== undefined) {
      if (this.#aliases.isDue(key)) this.#askAgain(route, source)
      return
    }
    this.#aliases.forget(key)
    const link = new SentinelLink(route, this.#options)
    const endpoint: Endpoint = {
      link,
      polls: new Map(),
      announced: route.announced.host,
      source,
      namedAt: performance.now(),
      error: undefined
    }
    this.#endpoints.set(key, endpoint)
    this.#tell({ kind: 'sentinel-added', at: steadyNow(), from: key })
    link.on('up', (id) => {
      this.#onUp(endpoint, id)
    })
    link.on('down', (reason) => {
      endpoint.error = reason
      for (const poll of endpoint.polls.values()) poll.stop()
      endpoint.polls.clear()
      this.#tell({ kind: 'sentinel-lost', at: steadyNow(), from: key, reason: wordsOf(reason) })
      if (isOpenError(reason)) this.#complain(reason)
      const sinceMs = performance.now() - this.#resolvedAt
      this.#scheduleResolve(Math.max(0, RESOLVE_AT_MOST_MS - sinceMs))
    })
    link.on('event', (event) => {
      this.#onEvent(endpoint, event)
    })
    link.open()
  }

  #onUp(endpoint: Endpoint, id: string): void {
    const twin = [...this.#endpoints.values()].find((other) => other !== endpoint && other.link.id === id)
    if (twin !== undefined) {
      // Two addresses of one sentinel: a seed stays before a discovered one, the older before the younger.
      const loser = endpoint.source === 'seed' && twin.source === 'discovered' ? twin : endpoint
      this.#aliases.note(loser.link.key, id)
      this.#remove(loser.link.key)
      if (loser === endpoint) return
    }
    endpoint.error = undefined
    for (const group of this.#followers.keys()) this.#poll(endpoint, group)?.now()
  }

  /** Who is at the other address of a sentinel that has a link: nobody is told, unless it is another one by now. */
  #askAgain(route: Route, source: Endpoint['source']): void {
    const link = new SentinelLink(route, this.#options)
    this.#questions.add(link)
    const end = (): void => {
      this.#questions.delete(link)
      link.close()
    }
    link.on('up', (id) => {
      end()
      if (id === this.#aliases.idOf(link.key)) return
      this.#aliases.forget(link.key)
      this.#name(route, source)
    })
    link.on('down', end)
    link.open()
  }

  #onEvent(endpoint: Endpoint, event: SentinelEvent): void {
    const at = steadyNow()
    const named = groupOf(event)
    for (const [group, followers] of this.#followers) {
      if (named !== undefined && named !== group) continue
      for (const follower of followers) follower.observe({ kind: 'event', at, from: endpoint.link.key, event })
      // What comes of an ordered promotion the node itself tells first, and no sentinel could answer more.
      if (named === group && orderedToBePrimary(event) === undefined) this.#poll(endpoint, group)?.now()
    }
  }

  /** The poll of one group at one sentinel; none while the link is down. */
  #poll(endpoint: Endpoint, group: string): SnapshotPoll | undefined {
    if (this.#closed || endpoint.link.id === undefined) return undefined
    const running = endpoint.polls.get(group)
    if (running !== undefined) return running
    const tell = (observation: Observation): void => {
      for (const follower of this.#followers.get(group) ?? []) follower.observe(observation)
    }
    const poll = new SnapshotPoll(endpoint.link, group, this.#options.pollIntervalMs, {
      onSnapshot: (snapshot) => {
        endpoint.error = undefined
        // Those it names are to be heard too before anything is decided by its word.
        for (const { address } of snapshot.known ? snapshot.sentinels : []) {
          if (this.named.size < MOST_NAMED) this.named.add(formatAddress(address))
          this.#name(this.#options.routeTo(address), 'discovered')
        }
        tell({ kind: 'snapshot', at: steadyNow(), from: endpoint.link.key, snapshot })
      },
      onError: (error) => {
        endpoint.error = error
        tell({ kind: 'sentinel-lost', at: steadyNow(), from: endpoint.link.key, reason: wordsOf(error) })
        if (isOpenError(error)) this.#complain(error)
      }
    })
    endpoint.polls.set(group, poll)
    return poll
  }

  #linkTo(id: string): SentinelLink | undefined {
    for (const { link } of this.#endpoints.values()) if (link.id === id) return link
    return undefined
  }

  #forget(): void {
    const now = performance.now()
    for (const [key, { link, source, namedAt }] of this.#endpoints) {
      const stale = now - namedAt > (source === 'seed' ? 2 * RESOLVE_EVERY_MS + FORGET_AFTER_MS : FORGET_AFTER_MS)
      if (stale && link.id === undefined) this.#remove(key)
    }
  }

  #remove(key: string): void {
    const endpoint = this.#endpoints.get(key)
    if (endpoint === undefined) return
    this.#endpoints.delete(key)
    for (const poll of endpoint.polls.values()) poll.stop()
    endpoint.link.close()
    this.#tell({ kind: 'sentinel-removed', at: steadyNow(), from: key })
  }

  #complain(error: OpenError): void {
    for (const followers of this.#followers.values()) for (const follower of followers) follower.trouble(error)
  }

  #tell(observation: Observation): void {
    for (const followers of this.#followers.values()) for (const follower of followers) follower.observe(observation)
  }
}

/** One that others told of by its address, and that could not be connected to so, may have a certificate for the name that a seed has for it. */
function isBetterName(
  { link, announced, source: before }: Endpoint,
  route: Route,
  source: Endpoint['source']
): boolean {
  return source === 'seed' && before === 'discovered' && link.id === undefined && announced !== route.announced.host
}

/** For those who know which sentinel it is about. */
function wordsOf(error: Error): string {
  return error instanceof OpenNodeError ? error.what : error.message
}
