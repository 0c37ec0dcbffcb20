import type { Address } from '../../../src/protocol/address.js'
import { sameAddress } from '../../../src/protocol/address.js'
import type { Channel } from '../world/channel.js'
import type { World } from '../world/world.js'
import { roleOf } from './thin-line.js'

const ASK_EVERY_MS = 20
const RETRY_MS = 15

/** Asks the node that is about to become the primary for its role, again and again. */
export class ThinScout {
  readonly #world: World
  readonly #onRole: (address: Address, role: 'primary' | 'replica') => void
  #target: Address | undefined
  #channel: Channel | undefined

  constructor(world: World, onRole: (address: Address, role: 'primary' | 'replica') => void) {
    this.#world = world
    this.#onRole = onRole
  }

  watch(target: Address | undefined): void {
    if (sameAddress(target, this.#target)) return
    this.#target = target
    this.#channel?.destroy()
    this.#channel = undefined
    if (target !== undefined) this.#connect(target)
  }

  #connect(target: Address): void {
    const channel = this.#world.dial(target, {
      connected: () => {
        this.#ask(channel)
      },
      data: (reply) => {
        if (reply.kind === 'map') this.#onRole(target, roleOf(reply))
      },
      ended: () => {
        this.#world.clock.schedule(RETRY_MS, () => {
          if (this.#channel === channel && this.#target === target) this.#connect(target)
        })
      }
    })
    this.#channel = channel
  }

  #ask(channel: Channel): void {
    if (this.#channel !== channel) return
    channel.send(['HELLO'])
    this.#world.clock.schedule(ASK_EVERY_MS, () => {
      this.#ask(channel)
    })
  }
}
