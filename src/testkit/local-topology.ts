import { type Address, formatAddress } from '../protocol/address.js'
import { checkAgreement, findPrimary, type Members } from './agreement.js'
import type { Launcher } from './launcher.js'
import type { LocalNode } from './local-node.js'
import type { LocalSentinel } from './local-sentinel.js'
import { type Promotion, PromotionWatch, type WatchPromotionsOptions } from './promotion-watch.js'
import { waitUntil } from './wait-until.js'

const DEFAULT_TIMEOUT_MS = 60_000

/** Redis `sentinel.c` SENTINEL_PING_PERIOD. */
const PING_PERIOD_MS = 1_000

/** A running topology of real servers on this machine. Made by `startTopology`; ended by `stop()`. */
export class LocalTopology {
  /** Written out, since bundlers rename classes. */
  static readonly name: string = 'LocalTopology'

  /** The name the sentinels know the group by. */
  readonly name: string
  readonly #launcher: Launcher
  readonly #watches = new Set<PromotionWatch>()
  #nodes: readonly LocalNode[] = []
  #sentinels: readonly LocalSentinel[] = []
  #stopping: Promise<void> | undefined

  private constructor(launcher: Launcher) {
    this.#launcher = launcher
    this.name = launcher.options.name
  }

  /** Used by `startTopology`. Leaves nothing behind when it fails. */
  static async start(launcher: Launcher): Promise<LocalTopology> {
    const topology = new LocalTopology(launcher)
    try {
      await topology.#start()
      return topology
    } catch (error) {
      await topology.stop()
      throw error
    }
  }

  /** The nodes in the order they were made; the first was the first primary. */
  get nodes(): readonly LocalNode[] {
    return this.#nodes
  }

  get sentinels(): readonly LocalSentinel[] {
    return this.#sentinels
  }

  /** Addresses for a client's `sentinels` option. */
  get sentinelAddresses(): Address[] {
    return this.#sentinels.map((sentinel) => sentinel.address)
  }

  /** `redis+sentinel://:password@host:port,host:port/name`, `rediss+sentinel://` with TLS; the sentinels' password as `?sentinelPassword=`. */
  get url(): string {
    const { password, sentinelPassword, tls } = this.#launcher.options
    const user = password === undefined ? '' : `:${encodeURIComponent(password)}@`
    const hosts = this.sentinelAddresses.map(formatAddress).join(',')
    const query = sentinelPassword === undefined ? '' : `?sentinelPassword=${encodeURIComponent(sentinelPassword)}`
    return `${tls ? 'rediss' : 'redis'}+sentinel://${user}${hosts}/${this.name}${query}`
  }

  /** PEM of the authorities that vouch for the servers' certificates now, two while they are rotated; undefined without `tls: true`. */
  get ca(): string | undefined {
    return this.#launcher.ca
  }

  /**
   * The node that really is the primary: named by the reachable sentinels that hold the highest config epoch, and saying so
   * itself. During a failover it waits for the new one.
   *
   * @throws TopologyTimeoutError when there is none within `timeoutMs` (default 60 000), or before `stop()`.
   */
  async primary(timeoutMs = DEFAULT_TIMEOUT_MS): Promise<LocalNode> {
    return waitUntil('a primary', timeoutMs, () => findPrimary(this.#members), { signal: this.#launcher.over })
  }

  /** All other nodes, whether they run or not. */
  async replicas(timeoutMs = DEFAULT_TIMEOUT_MS): Promise<LocalNode[]> {
    const primary = await this.primary(timeoutMs)
    return this.#nodes.filter((node) => node !== primary)
  }

  /**
   * Gives every process a certificate of a new authority, while the topology goes on: nodes load it as they run, sentinels are started
   * again one by one, three times (for the new authority, for the new certificate, for the end of the old authority). `ca` is what a
   * client must trust at each moment. Resolves when the old authority is trusted by none and the topology is settled.
   *
   * @throws ConfigurationError without `tls: true`.
   */
  async rotateCertificates(): Promise<void> {
    await this.#launcher.rotateCertificates()
    await this.settled()
  }

  /**
   * `SENTINEL FAILOVER` at a live sentinel. Resolves when the failover has begun.
   *
   * @throws ReplyError with the server's words, for example `NOGOODSLAVE No suitable replica to promote`.
   */
  async sentinelFailover(): Promise<void> {
    const sentinel = this.#sentinels.find((candidate) => candidate.healthy)
    if (sentinel === undefined) throw new Error('sentinelFailover: no sentinel is running, thawed and reachable')
    await sentinel.command('SENTINEL', 'FAILOVER', this.name)
  }

  /**
   * Waits until there is one primary, all healthy nodes replicate from it with their link up, and all healthy sentinels name
   * it in the same config epoch and hold no healthy node or sentinel to be down. Those that are killed, frozen or cut off
   * are left out.
   *
   * @throws TopologyTimeoutError after `timeoutMs` (default 60 000) or when it is stopped, saying what was not so.
   */
  async settled(timeoutMs = DEFAULT_TIMEOUT_MS): Promise<void> {
    await waitUntil('a settled topology', timeoutMs, () => checkAgreement(this.#members, 'flags'), {
      signal: this.#launcher.over
    })
  }

  /** Starts one more replica. Resolves when all healthy sentinels see it. */
  async addReplica(): Promise<LocalNode> {
    const primary = await this.primary()
    const node = await this.#launcher.makeNode(primary.address)
    this.#nodes = [...this.#nodes, node]
    await node.start()
    for (const watch of this.#watches) watch.add(node)
    await this.#hurriedly(() => this.settled())
    return node
  }

  /**
   * Ends a replica for good and makes the sentinels forget it (`SENTINEL RESET`, one after the other).
   *
   * @throws Error when it is the primary: fail over first.
   */
  async removeReplica(node: LocalNode): Promise<void> {
    if (!this.#nodes.includes(node)) throw new Error(`removeReplica: ${String(node)} is not a node of this topology`)
    if ((await this.primary()) === node) {
      throw new Error(`removeReplica: ${String(node)} is the primary; sentinelFailover() and settled() first`)
    }
    for (const watch of this.#watches) watch.remove(node)
    this.#nodes = this.#nodes.filter((other) => other !== node)
    await this.#launcher.discard(node)
    await this.#resetSentinels()
  }

  /** Starts one more sentinel; the quorum stays. Resolves when all healthy sentinels see one another. */
  async addSentinel(): Promise<LocalSentinel> {
    const primary = await this.primary()
    const [sentinel] = await this.#launcher.makeSentinels(1, primary.address)
    if (sentinel === undefined) throw new Error('addSentinel: none was made')
    this.#sentinels = [...this.#sentinels, sentinel]
    await sentinel.start()
    await this.#hurriedly(() => this.settled())
    return sentinel
  }

  /** Ends a sentinel for good and makes the others forget it (`SENTINEL RESET`, one after the other). */
  async removeSentinel(sentinel: LocalSentinel): Promise<void> {
    if (!this.#sentinels.includes(sentinel)) {
      throw new Error(`removeSentinel: ${String(sentinel)} is not a sentinel of this topology`)
    }
    this.#sentinels = this.#sentinels.filter((other) => other !== sentinel)
    await this.#launcher.discard(sentinel)
    await this.#resetSentinels()
  }

  /** Watches every node's ROLE on connections of its own, every 2 ms by default. `onPromotion` is told each promotion. */
  watchPromotions(onPromotion?: (promotion: Promotion) => void, options?: WatchPromotionsOptions): PromotionWatch {
    const watch = new PromotionWatch(onPromotion, () => this.#watches.delete(watch), options)
    this.#watches.add(watch)
    for (const node of this.#nodes) watch.add(node)
    return watch
  }

  /** Ends all processes and removes folders and firewall rules. May be called again, and at any time. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  get #members(): Members {
    return { name: this.name, nodes: this.#nodes, sentinels: this.#sentinels }
  }

  async #start(): Promise<void> {
    const { replicas, sentinels, downAfterMs } = this.#launcher.options
    const primary = await this.#launcher.makeNode(undefined)
    this.#nodes = [primary]
    for (let index = 0; index < replicas; index += 1) {
      this.#nodes = [...this.#nodes, await this.#launcher.makeNode(primary.address)]
    }
    await Promise.all(this.#nodes.map((node) => node.start()))
    // Sentinels ask INFO only every 10 s: what they see at their first must be complete.
    await waitUntil('replicas linked to the primary', DEFAULT_TIMEOUT_MS, async () => {
      const roles = await Promise.all(this.#nodes.slice(1).map((node) => node.role()))
      const linked = roles.filter((role) => role.role === 'replica' && role.linkUp).length
      if (linked < roles.length) return { notYet: `${linked} of ${roles.length} linked` }
      const online = await primary.onlineReplicas()
      return online === roles.length ? { done: true } : { notYet: `${online} of ${roles.length} get what is written` }
    })
    this.#sentinels = await this.#launcher.makeSentinels(sentinels, primary.address)
    await Promise.all(this.#sentinels.map((sentinel) => sentinel.start()))
    // One that called another before it was up calls again only after a ping period (`sentinelReconnectInstance()`). With a short
    // down-after that time is left to them: a failover so soon after their last call finds them not yet connected to the new
    // primary, which they then hold to be down, and replace.
    const hurried = downAfterMs > PING_PERIOD_MS
    if (hurried) await this.#setPeriods(this.#sentinels, { 'ping-period': 100 })
    await waitUntil('sentinels that see all', DEFAULT_TIMEOUT_MS, () => checkAgreement(this.#members, 'links'))
    if (hurried) await this.#setPeriods(this.#sentinels, { 'ping-period': PING_PERIOD_MS })
  }

  async #resetSentinels(): Promise<void> {
    await this.#hurriedly(async () => {
      for (const sentinel of this.#sentinels.filter((candidate) => candidate.healthy)) {
        await sentinel.command('SENTINEL', 'RESET', this.name)
        await this.settled()
      }
    })
  }

  /** Sentinels ask INFO every 10 s and say hello every 2 s: too seldom to wait for while members come and go. */
  async #hurriedly(work: () => Promise<void>): Promise<void> {
    const sentinels = this.#sentinels.filter((candidate) => candidate.healthy)
    await this.#setPeriods(sentinels, { 'info-period': 200, 'publish-period': 200 })
    try {
      await work()
    } finally {
      await this.#setPeriods(sentinels, { 'info-period': 10_000, 'publish-period': 2_000 })
    }
  }

  /** Before Redis 7 there is no such command, and what needs it takes longer. */
  async #setPeriods(sentinels: readonly LocalSentinel[], periods: Readonly<Record<string, number>>): Promise<void> {
    const words = Object.entries(periods).flat()
    await Promise.allSettled(sentinels.map((sentinel) => sentinel.command('SENTINEL', 'DEBUG', ...words)))
  }

  async #stop(): Promise<void> {
    for (const watch of [...this.#watches]) watch.stop()
    await this.#launcher.dispose()
  }
}
