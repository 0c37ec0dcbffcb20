import type { Address } from '../../src/protocol/address.js'
import { formatAddress, sameAddress } from '../../src/protocol/address.js'
import type { Observation } from '../../src/topology/observation.js'
import type { ReducePolicy } from '../../src/topology/state.js'
import type { Phase, Topology } from '../../src/topology/topology.js'
import type { Reign, SimNode } from './world/node.js'
import { isLater } from './world/node.js'
import type { World } from './world/world.js'

interface Word {
  readonly id: string
  readonly reign: Reign
  readonly address: string
  readonly others: number
  tilt: boolean
  reachable: boolean
}

interface Followed {
  readonly address: Address
  readonly epoch: number
  readonly confirmed: boolean
  readonly since: number
  readonly generation: number
}

/** What this client could know of epochs, by what it has been told; and whether it acts against it. */
export class Knowledge {
  readonly #world: World
  readonly #policy: ReducePolicy
  /** The last words of each sentinel, by its address. */
  readonly #words = new Map<string, Word>()
  /** When another id was heard at the address of a sentinel: it was made anew. */
  readonly #anewAt = new Map<string, number>()
  /** Since when the highest claim has stood. */
  #topSince = { key: '', at: 0 }
  #top: Word | undefined
  #followed: Followed | undefined
  phase: Phase['kind'] = 'unknown'

  constructor(world: World, policy: ReducePolicy) {
    this.#world = world
    this.#policy = policy
  }

  observed(seen: Observation): void {
    switch (seen.kind) {
      case 'sentinel-lost':
      case 'sentinel-removed': {
        const word = this.#words.get(seen.from)
        if (word !== undefined) word.reachable = false
        break
      }
      case 'event': {
        const word = this.#words.get(seen.from)
        if (word !== undefined && seen.event.kind === 'tilt') word.tilt = seen.event.channel === '+tilt'
        break
      }
      case 'snapshot': {
        const { snapshot, from } = seen
        if (!snapshot.known) break
        const generation = this.#world.generations.get(snapshot.id) ?? 0
        const before = this.#words.get(from)
        if (before !== undefined && before.id !== snapshot.id) this.#anewAt.set(from, this.#world.clock.now)
        this.#words.set(from, {
          id: snapshot.id,
          reign: { generation, epoch: snapshot.configEpoch },
          address: formatAddress(snapshot.primary),
          others: snapshot.others,
          tilt: snapshot.tilt === true,
          reachable: true
        })
        break
      }
      default:
        return
    }
    const top = this.#findTop()
    this.#top = top
    const key = top === undefined ? '' : keyOf(top)
    if (key !== this.#topSince.key) this.#topSince = { key, at: this.#world.clock.now }
  }

  /** The client goes over to another value of the topology. */
  follows(topology: Topology): void {
    const { now } = this.#world.clock
    this.phase = topology.phase.kind
    const { primary, configEpoch } = topology
    if (primary === undefined) return
    const before = this.#followed
    const generation = this.#generation()
    const same = before?.epoch === configEpoch && before.confirmed === primary.confirmed
    const { address, confirmed } = primary
    if (!same) this.#followed = { address, epoch: configEpoch, confirmed, since: now, generation }
    if (before === undefined || configEpoch >= before.epoch) return
    const doubted = !before.confirmed && now - before.since >= this.#policy.confirmWithinMs - 1
    const anew = [...this.#anewAt.values()].filter((at) => at >= before.since).length
    const mostAreNew = generation !== before.generation || anew > this.#world.settings.sentinels / 2
    if (!doubted && !mostAreNew && !this.#isGivenUp(before, topology))
      this.#world.ledger.violate('epoch', `the epoch followed went from ${before.epoch} down to ${configEpoch}`)
  }

  /** The node followed before is a replica now, and most sentinels that can be heard name the other: nobody knows of its epoch any more. */
  #isGivenUp(before: Followed, { primary, configEpoch }: Topology): boolean {
    const node = this.#world.nodes.find(({ address }) => sameAddress(address, before.address))
    const words = [...this.#words.values()].filter(({ reachable }) => reachable)
    const agreeing = words.filter(
      ({ address, reign }) => reign.epoch === configEpoch && address === (primary && formatAddress(primary.address))
    )
    const isNamed = words.some(({ reign }) => reign.epoch >= before.epoch)
    return node?.role === 'replica' && !isNamed && agreeing.length > this.#world.settings.sentinels / 2
  }

  /** The client writes to this node. */
  writes(number: number, node: SimNode): void {
    const top = this.#top
    if (top === undefined || top.address === formatAddress(node.address) || !isLater(top.reign, node.reign)) return
    // An order that is under way: it will find the node a primary already, and its clients are told so by the leader.
    if (!isLater(top.reign, node.ordered)) return
    // Sentinel can name two nodes by one epoch (a leader that hears of a newer one while it re-points replicas): the majority counts then.
    if (this.#isAlsoNamed(top, formatAddress(node.address))) return
    if (this.#isSetAside(top) || (top.reign.generation > node.reign.generation && this.#mayConfirm())) return
    this.#world.ledger.violate(
      'fence',
      `w${number} was written to ${node.name} of epoch ${node.reign.epoch}, and sentinels had told of ${top.address} by epoch ${top.reign.epoch}`
    )
  }

  /** The highest claim that the promotion mode lets count. */
  #findTop(): Word | undefined {
    const reachable = [...this.#words.values()].filter((word) => word.reachable)
    const sober = reachable.filter((word) => !word.tilt)
    const voices = sober.length > 0 ? sober : reachable
    const needed = this.#policy.promotion === 'strict' ? 2 : 1
    return voices
      .filter((word) => word.reign.generation === this.#generation())
      .filter((word) => voices.filter((one) => keyOf(one) === keyOf(word)).length >= needed)
      .sort((a, b) => (isLater(a.reign, b.reign) ? -1 : 1))[0]
  }

  /** The making of sentinels that most of them belong to. */
  #generation(): number {
    const counts = new Map<number, number>()
    for (const { reign } of this.#words.values()) counts.set(reign.generation, (counts.get(reign.generation) ?? 0) + 1)
    return [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0]?.[0] ?? 0
  }

  #isAlsoNamed(top: Word, address: string): boolean {
    const words = [...this.#words.values()].filter(
      (word) => word.reachable && word.reign.generation === top.reign.generation && word.reign.epoch === top.reign.epoch
    )
    const others = words.filter((word) => word.address !== address)
    return others.length < words.length && others.length <= this.#world.settings.sentinels / 2
  }

  /** An early followed promotion outranks what is published for as long as it may still be confirmed. */
  #mayConfirm(): boolean {
    const followed = this.#followed
    return followed?.confirmed === false && this.#world.clock.now - followed.since < this.#policy.confirmWithinMs + 1
  }

  /** A minority's claim that did not prove true in time, while most agree on another. */
  #isSetAside(top: Word): boolean {
    const { now } = this.#world.clock
    if (now - this.#topSince.at < this.#policy.confirmWithinMs - 1) return false
    const words = [...this.#words.values()].filter((word) => word.reachable)
    const most = this.#world.settings.sentinels / 2
    return words.some(
      (word) => keyOf(word) !== keyOf(top) && words.filter((one) => keyOf(one) === keyOf(word)).length > most
    )
  }
}

function keyOf({ reign, address }: Word): string {
  return `${reign.generation} ${reign.epoch} ${address}`
}
