import type { Address } from '../../../src/protocol/address.js'
import type { Channel } from './channel.js'
import { NodeSession } from './node-session.js'
import type { ServerEnd } from './process.js'
import { Process } from './process.js'
import type { World } from './world.js'

/** Which failover made a node the primary. Sentinels that were all made anew begin a new generation, and count epochs from 0. */
export interface Reign {
  readonly generation: number
  readonly epoch: number
}

export function isLater(a: Reign, b: Reign): boolean {
  return a.generation > b.generation || (a.generation === b.generation && a.epoch > b.epoch)
}

/** What a node answers to INFO, as far as a sentinel looks at it. */
export interface NodeInfo {
  readonly run: number
  readonly role: 'primary' | 'replica'
  readonly primary: SimNode | undefined
  readonly linkUp: boolean
  readonly linkDownMs: number
  readonly offset: number
  readonly replicas: readonly SimNode[]
}

const CRON_MS = 40
/** A replica takes its link for broken after this long without its primary. */
const LINK_TIMEOUT_MS = 250

/** A data node. Its data is the list of the writes that it holds, by their numbers. */
export class SimNode extends Process {
  role: 'primary' | 'replica' = 'replica'
  /** The latest failover that made it the primary, as only the world knows. */
  reign: Reign = { generation: 0, epoch: -1 }
  /** The latest failover in which a sentinel has ordered its promotion; the order may be under way, or lost. */
  ordered: Reign = { generation: 0, epoch: -1 }
  following: SimNode | undefined
  log: number[] = []
  /** How often it has taken over another's data. */
  copy = 0
  linkUp = false
  loadingUntil = 0
  #link = { broken: true }
  #linkLostAt = 0
  #lastArrival = 0
  #hears = 0
  /** By the ids that it gave them: also those that are gone. */
  readonly #clients: Channel[] = []
  readonly #world: World

  constructor(world: World, name: string, host: number, address: Address) {
    super(name, host, address, world.clock)
    this.#world = world
    this.#cron()
  }

  get loading(): boolean {
    return this.loadingUntil > this.clock.now
  }

  get info(): NodeInfo {
    return {
      run: this.incarnation,
      role: this.role,
      primary: this.following,
      linkUp: this.linkUp,
      linkDownMs: this.linkUp ? 0 : this.clock.now - this.#linkLostAt,
      offset: this.log.length,
      replicas: this.linked
    }
  }

  /** Which history its writes belong to. */
  get history(): string {
    const { generation, epoch } =
      this.role === 'replica' && this.following !== undefined ? this.following.reign : this.reign
    return `${generation}.${epoch}`
  }

  /** Replicas that receive what is written here. */
  get linked(): readonly SimNode[] {
    return this.#world.nodes.filter((one) => one !== this && one.linkUp && one.following === this)
  }

  accept(channel: Channel): ServerEnd {
    const clientId = this.#clients.push(channel)
    return new NodeSession(this.#world, this, channel, clientId)
  }

  /** The connection with this id is open, as far as the node knows. */
  knowsClient(id: number): boolean {
    const channel = this.#clients[id - 1]
    return channel !== undefined && this.channels.has(channel)
  }

  /** Executes one write, and begins to replicate it. */
  write(op: number, channel: Channel): void {
    this.log.push(op)
    this.#world.ledger.executed(op, this, channel)
    for (const replica of this.linked) replica.#replicate(op, this.log.length)
  }

  /** REPLICAOF NO ONE, with the end of all client connections as Sentinel orders it. */
  promote(reign: Reign): void {
    if (this.role === 'replica') {
      this.role = 'primary'
      this.#breakLink()
      this.following = undefined
    }
    this.reign = reign
    this.#world.note(`${this.name} promoted by epoch ${reign.epoch}, with ${this.log.length} writes`)
    this.closeClients()
  }

  /** REPLICAOF, with the end of all client connections as Sentinel orders it. */
  follow(primary: SimNode): void {
    if (primary === this || (this.role === 'replica' && this.following === primary)) return
    this.#world.note(`${this.name} follows ${primary.name}`)
    this.role = 'replica'
    this.following = primary
    this.#breakLink()
    this.closeClients()
  }

  /** A replica whose link is up from the beginning of the world. */
  joinAtOnce(): void {
    this.linkUp = true
    this.#link = { broken: false }
  }

  closeClients(): void {
    for (const channel of [...this.channels]) channel.close()
  }

  /** The last `count` writes were not on its disk. */
  forget(count: number): void {
    this.log.length = Math.max(0, this.log.length - count)
  }

  protected override onThaw(): void {
    this.#world.note(`${this.name} thaws`)
  }

  protected onKilled(): void {
    this.#breakLink()
  }

  protected onStarted(): void {
    this.#world.note(`${this.name} starts as ${this.role}`)
    this.#breakLink()
  }

  #breakLink(): void {
    this.#link.broken = true
    if (this.linkUp) this.#linkLostAt = this.clock.now
    this.linkUp = false
  }

  #replicate(op: number, length: number): void {
    const link = this.#link
    const from = this.following
    if (from === undefined) return
    const { network } = this.#world
    this.#lastArrival = Math.max(this.#lastArrival, this.clock.now + network.delay())
    this.clock.schedule(this.#lastArrival - this.clock.now, () => {
      this.receive(() => {
        if (link.broken || link !== this.#link) return
        if (network.isOpen(from.host, this.host) && this.log.length === length - 1) this.log.push(op)
        else this.#breakLink()
      })
    })
  }

  /** Looks after the link to its primary. */
  #cron(): void {
    this.clock.schedule(CRON_MS * this.#world.random.between(0.7, 1.3), () => {
      this.#cron()
      const { following: from } = this
      if (!this.working || this.role !== 'replica' || from === undefined) return
      const { network } = this.#world
      const reached = from.working && network.isOpen(this.host, from.host) && network.isOpen(from.host, this.host)
      if (reached) this.#hears = this.clock.now
      if (!from.alive || this.clock.now - this.#hears > LINK_TIMEOUT_MS) this.#breakLink()
      if (!this.linkUp && reached && from.role === 'primary' && !from.loading) this.#synchronise(from)
    })
  }

  #synchronise(from: SimNode): void {
    this.#link.broken = true
    const link = { broken: false }
    this.#link = link
    this.clock.schedule(this.#world.random.between(5, 40), () => {
      this.receive(() => {
        if (link !== this.#link || link.broken || from.role !== 'primary' || !from.alive) return
        this.log = from.log.slice()
        this.copy += 1
        this.linkUp = true
        this.#lastArrival = this.clock.now
      })
    })
  }
}
