import type { SentinelChannel } from '../../../src/protocol/channels.js'
import type { Address } from '../../../src/protocol/address.js'
import type { Clock } from '../clock.js'
import type { Random } from '../random.js'
import { Ledger } from '../ledger.js'
import type { ClientEnd } from './channel.js'
import { Channel } from './channel.js'
import { Network } from './network.js'
import { SimNode } from './node.js'
import type { Process } from './process.js'
import { SimSentinel } from './sentinel.js'
import type { WorldSettings } from './settings.js'

/** Something happened in a failover: faults may be timed by it. */
export type Milestone = (channel: SentinelChannel | 'promoted', sentinel: SimSentinel, node: SimNode) => void

/** Sentinels, nodes, a network, and what only an all-knowing observer sees. The client's host is the last. */
export class World {
  readonly group = 'mymaster'
  readonly clock: Clock
  readonly random: Random
  readonly settings: WorldSettings
  readonly network: Network
  readonly nodes: SimNode[] = []
  readonly sentinels: SimSentinel[] = []
  readonly clientHost: number
  readonly ledger: Ledger
  readonly story: Story
  /** Of which making the sentinel with this run id is. */
  readonly generations = new Map<string, number>()
  onMilestone: Milestone = () => undefined
  #generation = 0
  #named = 0
  readonly #byAddress = new Map<string, Process>()

  constructor(clock: Clock, random: Random, settings: WorldSettings, story: Story) {
    this.clock = clock
    this.random = random
    this.settings = settings
    this.story = story
    this.clientHost = settings.nodes + settings.sentinels
    this.network = new Network(clock, random, this.clientHost + 1, settings.weather)
    this.ledger = new Ledger(this)
    for (let i = 0; i < settings.nodes; i++) {
      this.nodes.push(new SimNode(this, `node${i + 1}`, i, { host: `10.0.0.${i + 1}`, port: 6379 }))
    }
    const first = this.firstNode
    first.role = 'primary'
    first.reign = { generation: 0, epoch: 0 }
    for (const node of this.nodes) {
      if (node === first) continue
      node.following = first
      node.joinAtOnce()
    }
    for (let i = 0; i < settings.sentinels; i++) {
      const address = { host: `10.0.1.${i + 1}`, port: 26379 }
      const sentinel = new SimSentinel(this, `sentinel${i + 1}`, settings.nodes + i, address, first)
      this.nameSentinel(sentinel)
      this.sentinels.push(sentinel)
    }
    for (const sentinel of this.sentinels) {
      sentinel.replicas = this.nodes.filter((node) => node !== first).map((node) => sentinel.instance(node))
      sentinel.peers = this.sentinels.filter((one) => one !== sentinel).map((one) => sentinel.peer(one))
    }
    for (const one of [...this.nodes, ...this.sentinels]) this.#byAddress.set(keyOf(one.address), one)
  }

  get firstNode(): SimNode {
    return this.nodes[0] as SimNode
  }

  /** The node that most sentinels hold for the primary; it may be dead. */
  get ruler(): SimNode {
    return this.nodes.reduce((best, one) => (this.#votes(one) > this.#votes(best) ? one : best))
  }

  at(address: Address): Process | undefined {
    return this.#byAddress.get(keyOf(address))
  }

  dial(address: Address, client: ClientEnd): Channel {
    const server = this.at(address)
    if (server === undefined) throw new Error(`nothing is at ${keyOf(address)}`)
    return new Channel(this.network, this.clientHost, server, client)
  }

  note(what: string): void {
    this.story.tell(this.clock.now, what)
  }

  milestone(channel: SentinelChannel, sentinel: SimSentinel, node: SimNode): void {
    this.onMilestone(channel, sentinel, node)
  }

  promoted(node: SimNode, by: SimSentinel): void {
    this.onMilestone('promoted', by, node)
  }

  nameSentinel(sentinel: SimSentinel): void {
    sentinel.id = `id${++this.#named}`
    this.generations.set(sentinel.id, sentinel.generation)
  }

  /** All sentinels lose their files at once: their epochs begin at 0 again. */
  remakeSentinels(): void {
    this.#generation += 1
    const { ruler } = this
    ruler.reign = { generation: this.#generation, epoch: 0 }
    this.note(`all sentinels are made anew, for ${ruler.name}`)
    for (const sentinel of this.sentinels) {
      sentinel.kill(false)
      sentinel.remake(this.#generation, ruler)
      sentinel.start()
    }
  }

  /** One sentinel loses its files, and knows the primary's address from its operator. */
  remakeSentinel(sentinel: SimSentinel): void {
    this.note(`${sentinel.name} is made anew`)
    sentinel.kill(false)
    sentinel.remake(this.#generation, this.ruler)
    sentinel.start()
  }

  /** Most sentinels work and name the ruler by one epoch, the ruler works and says that it is the primary, and the client reaches all of these. */
  get settled(): boolean {
    const { ruler } = this
    if (!ruler.working || ruler.loading || ruler.role !== 'primary' || !this.#clientReaches(ruler)) return false
    if (ruler.linked.length < this.settings.minReplicas) return false
    const calm = this.sentinels.filter(
      (one) => one.working && !one.tilt && one.currentPrimary === ruler && !one.inFailover && this.#clientReaches(one)
    )
    const epochs = new Map<string, number>()
    for (const { generation, configEpoch } of calm) {
      const key = `${generation} ${configEpoch}`
      epochs.set(key, (epochs.get(key) ?? 0) + 1)
    }
    return [...epochs.values()].some((count) => count > this.settings.sentinels / 2)
  }

  /** Settled, and no sentinel sees anything wrong. */
  get calm(): boolean {
    const { ruler } = this
    return (
      this.settled &&
      this.sentinels.every(
        (one) =>
          one.working &&
          !one.tilt &&
          one.currentPrimary === ruler &&
          !one.inFailover &&
          one.primary.downSince === undefined &&
          this.#clientReaches(one)
      )
    )
  }

  #votes(node: SimNode): number {
    return this.sentinels.filter((one) => one.currentPrimary === node).length
  }

  #clientReaches({ host }: Process): boolean {
    return this.network.isOpen(this.clientHost, host) && this.network.isOpen(host, this.clientHost)
  }
}

function keyOf({ host, port }: Address): string {
  return `${host}:${port}`
}

/** What happened, in order: all of it as a number that two equal runs share, and the last of it in words. */
export class Story {
  readonly lines: string[] = []
  #hash = 0x811c9dc5
  readonly #keep: number

  constructor(keep: number) {
    this.#keep = keep
  }

  /** FNV-1a over all that was told. */
  get hash(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, '0')
  }

  tell(at: number, what: string): void {
    const line = `${at.toFixed(2)} ${what}`
    let hash = this.#hash
    for (let i = 0; i < line.length; i++) hash = Math.imul(hash ^ line.charCodeAt(i), 0x01000193)
    this.#hash = hash
    this.lines.push(line)
    if (this.lines.length > 2 * this.#keep) this.lines.splice(0, this.#keep)
  }
}
