import type { Address } from '../../../src/protocol/address.js'
import type { SentinelChannel } from '../../../src/protocol/channels.js'
import type { Channel } from './channel.js'
import { failoverStep, startFailover } from './failover.js'
import type { NodeInfo, SimNode } from './node.js'
import { Process } from './process.js'
import type { ServerEnd } from './process.js'
import { SentinelSession } from './sentinel-session.js'
import { refreshFromInfo } from './sentinel-info.js'
import { answerVote, believeDown, processHello, voteFor } from './sentinel-peers.js'
import type { World } from './world.js'

/** A node as one sentinel knows it. */
export interface Instance {
  readonly node: SimNode
  lastPong: number
  /** When the oldest unanswered PING was sent; undefined when none is. */
  pingSince: number | undefined
  lastPing: number
  lastInfo: number
  askedInfo: number
  info: NodeInfo | undefined
  roleSince: number
  primarySince: number
  downSince: number | undefined
  promoted: boolean
  reconf: 'none' | 'sent' | 'inprog' | 'done'
  reconfSentAt: number
}

/** Another sentinel as this one knows it. */
export interface Peer {
  readonly sentinel: SimSentinel
  readonly id: string
  holdsDown: boolean
  toldAt: number
  askedAt: number
  vote: { readonly id: string; readonly epoch: number } | undefined
}

export type FailoverState = 'none' | 'wait-start' | 'select' | 'send' | 'wait-promotion' | 'reconf' | 'update'

/** A sentinel of one group, after redis `src/sentinel.c`; its periods are shorter than the real ones. */
export class SimSentinel extends Process {
  readonly world: World
  id = ''
  /** Which making of the sentinels it belongs to, as only the world knows. */
  generation = 0
  currentEpoch = 0
  configEpoch = 0
  primary: Instance
  replicas: Instance[] = []
  peers: Peer[] = []
  /** Whom it voted for. */
  leader: { readonly id: string; readonly epoch: number } | undefined
  state: FailoverState = 'none'
  failoverEpoch = 0
  failoverStartAt = -Infinity
  stateSince = 0
  forced = false
  objectivelyDown = false
  tiltUntil: number | undefined
  /** How far its wall clock has been stepped since its last tick. */
  clockStep = 0
  readonly subscribers = new Set<SentinelSession>()
  #lastTick = 0
  #lastHello = 0
  #helloSoon = false

  constructor(world: World, name: string, host: number, address: Address, primary: SimNode) {
    super(name, host, address, world.clock)
    this.world = world
    this.primary = this.instance(primary)
    this.#tick()
  }

  get inFailover(): boolean {
    return this.state !== 'none'
  }

  get promotedNode(): SimNode | undefined {
    return this.replicas.find((one) => one.promoted)?.node
  }

  /** What it tells clients: sentinel.c sentinelGetCurrentMasterAddress(). */
  get currentPrimary(): SimNode {
    const published = this.state === 'reconf' || this.state === 'update'
    return (published ? this.promotedNode : undefined) ?? this.primary.node
  }

  get tilt(): boolean {
    return this.tiltUntil !== undefined
  }

  instance(node: SimNode): Instance {
    const { now } = this.clock
    return {
      node,
      lastPong: now,
      pingSince: undefined,
      lastPing: -Infinity,
      lastInfo: -Infinity,
      askedInfo: -Infinity,
      info: undefined,
      roleSince: now,
      primarySince: now,
      downSince: undefined,
      promoted: false,
      reconf: 'none',
      reconfSentAt: 0
    }
  }

  peer(sentinel: SimSentinel): Peer {
    return {
      sentinel,
      id: sentinel.id,
      holdsDown: false,
      toldAt: -Infinity,
      askedAt: -Infinity,
      vote: undefined
    }
  }

  accept(channel: Channel): ServerEnd {
    return new SentinelSession(this, channel)
  }

  publish(channel: SentinelChannel, message: string): void {
    this.world.note(`${this.name} ${channel} ${message}`)
    for (const subscriber of this.subscribers) subscriber.publish(channel, message)
  }

  /** About one instance, as sentinelEvent() prints it with "%@". */
  publishAbout(channel: SentinelChannel, { node }: Instance, detail = ''): void {
    const primary = this.primary.node
    const { host, port } = node.address
    const name = `${host}:${port}`
    const about =
      node === primary
        ? `master ${this.world.group} ${host} ${port}`
        : `slave ${name} ${host} ${port} @ ${this.world.group} ${primary.address.host} ${primary.address.port}`
    this.publish(channel, `${about}${detail}`)
    this.world.milestone(channel, this, node)
  }

  enter(state: FailoverState): void {
    this.state = state
    this.stateSince = this.clock.now
  }

  abort(channel: SentinelChannel): void {
    this.publishAbout(channel, this.primary)
    this.endFailover()
  }

  endFailover(): void {
    this.enter('none')
    this.forced = false
    for (const replica of this.replicas) {
      replica.promoted = false
      replica.reconf = 'none'
    }
  }

  helloSoon(): void {
    this.#helloSoon = true
  }

  /** The primary is another: sentinelResetMasterAndChangeAddress(). */
  changePrimary(to: SimNode): void {
    const from = this.primary.node
    const others = [...new Set([...this.replicas.map(({ node }) => node), from])].filter((node) => node !== to)
    this.publish('+switch-master', `${this.world.group} ${words(from.address)} ${words(to.address)}`)
    this.endFailover()
    this.failoverStartAt = -Infinity
    this.objectivelyDown = false
    for (const peer of this.peers) peer.holdsDown = false
    this.primary = this.instance(to)
    this.replicas = others.map((node) => this.instance(node))
    for (const replica of this.replicas) this.publishAbout('+slave', replica)
  }

  /** SENTINEL FAILOVER, by hand. */
  failoverByHand(): void {
    if (this.inFailover || this.tilt || !this.working) return
    startFailover(this)
    this.forced = true
  }

  /** Its files are gone: it knows the primary's address and nothing else. */
  remake(generation: number, primary: SimNode): void {
    this.generation = generation
    this.world.nameSentinel(this)
    this.currentEpoch = 0
    this.configEpoch = 0
    this.leader = undefined
    this.peers = []
    this.primary = this.instance(primary)
    this.replicas = []
    this.#forgetPassing()
  }

  protected onKilled(): void {
    this.subscribers.clear()
  }

  protected onStarted(): void {
    this.world.note(`${this.name} starts`)
    this.#forgetPassing()
    this.publishAbout('+monitor', this.primary, ' quorum 2')
  }

  /** What is not written to its file. The file names the promoted node already while the others are still re-pointed: rewriteConfigSentinelOption(). */
  #forgetPassing(): void {
    const { currentPrimary } = this
    if (currentPrimary !== this.primary.node) {
      const others = [...this.replicas, this.primary].filter(({ node }) => node !== currentPrimary)
      this.primary = this.instance(currentPrimary)
      this.replicas = others
    }
    this.endFailover()
    this.failoverStartAt = -Infinity
    this.objectivelyDown = false
    this.tiltUntil = undefined
    this.primary = this.instance(this.primary.node)
    this.replicas = this.replicas.map(({ node }) => this.instance(node))
    this.peers = this.peers.map(({ sentinel }) => this.peer(sentinel))
    this.#lastTick = this.clock.now
  }

  #tick(): void {
    const { tickMs } = this.world.settings
    this.clock.schedule(tickMs * this.world.random.between(0.8, 1.4), () => {
      this.#tick()
      if (!this.working) return
      const { now } = this.clock
      const passed = now - this.#lastTick + this.clockStep
      this.#lastTick = now
      this.clockStep = 0
      if (passed < 0 || passed > this.world.settings.tiltTriggerMs) {
        this.tiltUntil = now + this.world.settings.tiltMs
        this.publish('+tilt', '#tilt mode entered')
      }
      this.#watch()
    })
  }

  #watch(): void {
    const { now } = this.clock
    for (const instance of [this.primary, ...this.replicas]) this.#ask(instance)
    if (this.#helloSoon || now - this.#lastHello > this.world.settings.helloMs) this.#hello()
    if (this.tiltUntil !== undefined) {
      if (now < this.tiltUntil) return
      this.tiltUntil = undefined
      this.publish('-tilt', '#tilt mode exited')
    }
    for (const instance of [this.primary, ...this.replicas]) this.#judge(instance)
    this.#judgeObjectively()
    failoverStep(this)
    believeDown(this, false)
  }

  #ask(instance: Instance): void {
    const { network, settings } = this.world
    const { now } = this.clock
    const { node } = instance
    if (now - instance.lastPing > settings.pingMs) {
      instance.lastPing = now
      instance.pingSince ??= now
      network.datagram(this.host, node, () => {
        network.datagram(node.host, this, () => {
          instance.lastPong = this.clock.now
          instance.pingSince = undefined
        })
      })
    }
    const hurried = instance !== this.primary && (this.primary.downSince !== undefined || this.inFailover)
    if (now - Math.max(instance.askedInfo, instance.lastInfo) < (hurried ? settings.hurriedInfoMs : settings.infoMs))
      return
    instance.askedInfo = now
    network.datagram(this.host, node, () => {
      const { info } = node
      network.datagram(node.host, this, () => {
        refreshFromInfo(this, instance, info)
      })
    })
  }

  #judge(instance: Instance): void {
    const { downAfterMs, infoMs } = this.world.settings
    const { now } = this.clock
    const silent = instance.pingSince !== undefined && now - instance.pingSince > downAfterMs
    const saysReplica =
      instance === this.primary &&
      instance.info?.role === 'replica' &&
      now - instance.roleSince > downAfterMs + 2 * infoMs
    const down = silent || saysReplica
    if (down === (instance.downSince !== undefined)) return
    instance.downSince = down ? now : undefined
    this.publishAbout(down ? '+sdown' : '-sdown', instance)
  }

  #judgeObjectively(): void {
    const agreeing = this.peers.filter(({ holdsDown }) => holdsDown).length
    const { quorum } = this.world.settings
    const down = this.primary.downSince !== undefined && 1 + agreeing >= quorum
    if (down !== this.objectivelyDown) {
      this.objectivelyDown = down
      this.publishAbout(down ? '+odown' : '-odown', this.primary, down ? ` #quorum ${1 + agreeing}/${quorum}` : '')
    }
    if (!down || this.inFailover || this.clock.now - this.failoverStartAt < 2 * this.world.settings.failoverTimeoutMs)
      return
    startFailover(this)
    believeDown(this, true)
  }

  #hello(): void {
    this.#lastHello = this.clock.now
    this.#helloSoon = false
    const { network } = this.world
    const told = {
      from: this as SimSentinel,
      id: this.id,
      currentEpoch: this.currentEpoch,
      configEpoch: this.configEpoch,
      primary: this.currentPrimary,
      generation: this.generation
    }
    for (const { node } of [this.primary, ...this.replicas]) {
      network.datagram(this.host, node, () => {
        for (const other of this.world.sentinels) {
          if (other !== this)
            network.datagram(node.host, other, () => {
              processHello(other, told)
            })
        }
      })
    }
  }

  /** SENTINEL is-master-down-by-addr, from another sentinel. */
  asked(about: SimNode, epoch: number, candidate: string | undefined): ReturnType<typeof answerVote> {
    return answerVote(this, about, epoch, candidate)
  }

  vote(epoch: number, candidate: string): void {
    voteFor(this, epoch, candidate)
  }
}

function words({ host, port }: Address): string {
  return `${host} ${port}`
}
