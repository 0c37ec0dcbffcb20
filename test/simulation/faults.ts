import type { Random } from './random.js'
import type { SimNode } from './world/node.js'
import type { Process } from './world/process.js'
import { WEATHERS } from './world/settings.js'
import type { World } from './world/world.js'

/** How likely each fault is. */
const WEIGHTS = {
  killPrimary: 5,
  killPrimaryMachine: 2,
  freezePrimary: 4,
  restartPrimary: 2,
  cutPrimaryFromServers: 3,
  cutPrimaryFromAll: 3,
  manual: 4,
  killReplica: 1,
  killSentinel: 2,
  freezeSentinel: 3,
  cutSentinel: 2,
  cutClientFromSentinel: 3,
  cutClientFromPrimary: 2,
  oneWay: 4,
  resetConnections: 2,
  weather: 2,
  sentinelClock: 2,
  clientClock: 2,
  remakeSentinel: 1,
  remakeSentinels: 0.6
} as const

type Fault = keyof typeof WEIGHTS

/** Draws what goes wrong, and when. Every fault undoes itself, at the latest when `heal` is called. */
export class Faults {
  readonly #world: World
  readonly #random: Random
  #healed = false
  readonly #undo = new Set<() => void>()

  constructor(world: World, random: Random) {
    this.#world = world
    this.#random = random
  }

  /** From now on, for so long. */
  plan(forMs: number): void {
    const count = 1 + this.#random.below(4)
    for (let i = 0; i < count; i++) {
      const fault = this.#random.weighted(WEIGHTS)
      this.#world.clock.schedule(this.#random.between(60, forMs * 0.8), () => {
        if (!this.#healed) this.#strike(fault)
      })
    }
    if (this.#random.chance(0.5)) this.#planForMilestone()
  }

  /** Ends all that still goes wrong. */
  heal(): void {
    this.#healed = true
    for (const undo of [...this.#undo]) undo()
    this.#world.onMilestone = () => undefined
    this.#world.network.weather = WEATHERS.calm
    for (const one of [...this.#world.nodes, ...this.#world.sentinels]) if (!one.alive) one.start()
    this.#world.note('all is healed')
  }

  /** Something goes wrong at a delicate moment of a failover: a late leader, a second death. */
  #planForMilestone(): void {
    const at = this.#random.pick(['+try-failover', '+elected-leader', '+selected-slave', 'promoted', '+promoted-slave'])
    const what = this.#random.pick([
      'freezeLeader',
      'killLeader',
      'cutLeader',
      'killNode',
      'cutNode',
      'cutClientFromLeader'
    ])
    const delayMs = this.#random.pick([0, 0, 5, 30])
    const world = this.#world
    world.onMilestone = (channel, leader, node) => {
      if (channel !== at) return
      world.onMilestone = () => undefined
      world.clock.schedule(delayMs, () => {
        if (this.#healed) return
        const forMs = this.#random.between(100, 1_200)
        world.note(`fault ${what} at ${at}: ${leader.name}, ${node.name}`)
        if (what === 'freezeLeader') leader.freeze(forMs)
        else if (what === 'killLeader') this.#kill(leader, this.#random.chance(0.3), forMs)
        else if (what === 'cutLeader') this.#cut([leader], this.#others(leader), forMs)
        else if (what === 'killNode') this.#kill(node, this.#random.chance(0.3), forMs)
        else if (what === 'cutNode') this.#cut([node], this.#others(node), forMs)
        else this.#cutClient(leader, forMs)
      })
    }
  }

  #strike(fault: Fault): void {
    const world = this.#world
    const random = this.#random
    const forMs = random.between(30, 1_200)
    const { ruler } = world
    const sentinel = random.pick(world.sentinels)
    world.note(`fault ${fault} for ${forMs.toFixed(0)} ms: ${ruler.name}, ${sentinel.name}`)
    switch (fault) {
      case 'killPrimary':
        this.#kill(ruler, false, forMs)
        return
      case 'killPrimaryMachine':
        this.#kill(ruler, true, forMs)
        return
      case 'restartPrimary':
        this.#kill(ruler, false, random.between(1, world.settings.downAfterMs * 0.8))
        return
      case 'freezePrimary':
        ruler.freeze(forMs)
        return
      case 'cutPrimaryFromServers':
        this.#cut([ruler], this.#others(ruler), forMs)
        return
      case 'cutPrimaryFromAll':
        this.#cut([ruler], this.#others(ruler), forMs)
        this.#cutClient(ruler, forMs)
        return
      case 'manual':
        sentinel.failoverByHand()
        return
      case 'killReplica':
        this.#kill(random.pick(world.nodes.filter((one) => one !== ruler)), false, forMs)
        return
      case 'killSentinel':
        this.#kill(sentinel, random.chance(0.3), forMs)
        return
      case 'freezeSentinel':
        sentinel.freeze(forMs)
        return
      case 'cutSentinel':
        this.#cut([sentinel], this.#others(sentinel), forMs)
        return
      case 'cutClientFromSentinel':
        this.#cutClient(sentinel, forMs)
        return
      case 'cutClientFromPrimary':
        this.#cutClient(ruler, forMs)
        return
      case 'oneWay': {
        const hosts = [...world.nodes, ...world.sentinels].map(({ host }) => host).concat(world.clientHost)
        const from = random.pick(hosts)
        const to = random.pick(hosts)
        if (from !== to) this.#until(forMs, world.network.block(from, to))
        return
      }
      case 'resetConnections':
        ruler.closeClients()
        return
      case 'weather': {
        const before = world.network.weather
        world.network.weather = WEATHERS.foul
        this.#until(forMs, () => {
          world.network.weather = before
        })
        return
      }
      case 'sentinelClock':
        sentinel.clockStep += random.pick([-500, 1_000, 5_000])
        return
      case 'clientClock':
        world.clock.wallOffset += random.pick([-3_600_000, -2_000, 500, 60_000])
        return
      case 'remakeSentinel':
        world.remakeSentinel(sentinel)
        return
      case 'remakeSentinels':
        world.remakeSentinels()
        return
    }
  }

  #kill(one: Process, machineToo: boolean, forMs: number): void {
    if (!one.alive) return
    one.kill(machineToo)
    const node = this.#world.nodes.find((candidate) => candidate === one)
    if (node !== undefined) this.#loseTail(node)
    this.#until(forMs, () => {
      if (node !== undefined && this.#random.chance(0.3))
        node.loadingUntil = this.#world.clock.now + this.#random.between(10, 100)
      one.start()
    })
  }

  /** What was not on the disk yet. */
  #loseTail(node: SimNode): void {
    if (!this.#random.chance(0.3)) return
    const lost = node.log.slice(-1 - this.#random.below(3))
    for (const number of lost) this.#world.ledger.forgotten.add(number)
    node.forget(lost.length)
  }

  #cut(some: readonly Process[], others: readonly Process[], forMs: number): void {
    const { network } = this.#world
    const ends = some.flatMap((one) =>
      others.flatMap((other) => [network.block(one.host, other.host), network.block(other.host, one.host)])
    )
    this.#until(forMs, () => {
      for (const end of ends) end()
    })
  }

  #cutClient(from: Process, forMs: number): void {
    const { network, clientHost } = this.#world
    const ends = [network.block(clientHost, from.host), network.block(from.host, clientHost)]
    this.#until(forMs, () => {
      for (const end of ends) end()
    })
  }

  #others(one: Process): readonly Process[] {
    return [...this.#world.nodes, ...this.#world.sentinels].filter((other) => other !== one)
  }

  #until(forMs: number, undo: () => void): void {
    const once = (): void => {
      if (this.#undo.delete(once)) undo()
    }
    this.#undo.add(once)
    this.#world.clock.schedule(forMs, once)
  }
}
