import type { Address } from '../../../src/protocol/address.js'
import { sameAddress } from '../../../src/protocol/address.js'
import { backoffMs } from '../../../src/runtime/backoff.js'
import { steadyNow } from '../../../src/runtime/steady-now.js'
import type { Observation } from '../../../src/topology/observation.js'
import type { Topology } from '../../../src/topology/topology.js'
import type { Appointment } from '../clock.js'
import type { Channel } from '../world/channel.js'
import type { SimNode } from '../world/node.js'
import type { Reply } from '../world/reply.js'
import type { World } from '../world/world.js'

export interface ThinLineHandler {
  observe(seen: Observation): void
  onReady(): void
  onReply(reply: Reply): void
  onLost(): void
}

/** The connection to the primary: to whom the topology names, once that node has said that it is the primary. */
export class ThinLine {
  readonly #world: World
  readonly #topology: () => Topology
  readonly #connectTimeoutMs: number
  readonly #handler: ThinLineHandler
  #channel: Channel | undefined
  #address: Address | undefined
  #ready = false
  #attempt = 0
  #wake: Appointment | undefined
  #late: Appointment | undefined

  constructor(world: World, topology: () => Topology, connectTimeoutMs: number, handler: ThinLineHandler) {
    this.#world = world
    this.#topology = topology
    this.#connectTimeoutMs = connectTimeoutMs
    this.#handler = handler
  }

  get ready(): boolean {
    return this.#ready
  }

  get address(): Address | undefined {
    return this.#address
  }

  get node(): SimNode | undefined {
    return this.#channel?.server as SimNode | undefined
  }

  send(words: readonly string[]): void {
    this.#channel?.send(words)
  }

  /** The topology is another: begin, or break off an attempt or a wait at the wrong node. */
  follow(): void {
    const wanted = this.#topology().primary?.address
    if (this.#channel !== undefined && !sameAddress(this.#address, wanted)) this.cut()
    if (this.#channel === undefined && wanted !== undefined && this.#wake === undefined) this.#connect(wanted)
    else if (this.#wake !== undefined && !sameAddress(this.#address, wanted) && wanted !== undefined) {
      this.#attempt = 0
      this.#connect(wanted)
    }
  }

  cut(): void {
    const had = this.#ready
    this.#channel?.destroy()
    this.#forget()
    if (had) this.#handler.onLost()
    this.#again()
  }

  #connect(address: Address): void {
    if (this.#wake !== undefined) this.#wake.cancelled = true
    this.#wake = undefined
    this.#address = address
    const fail = (): void => {
      if (this.#channel !== channel) return
      const had = this.#ready
      this.#channel.destroy()
      this.#forget()
      this.#handler.observe({ kind: 'node-error', at: steadyNow(), address, error: 'link-lost' })
      if (had) this.#handler.onLost()
      this.#again()
    }
    const channel = this.#world.dial(address, {
      connected: () => {
        channel.send(['HELLO', '3'])
        channel.send(['PING'])
      },
      data: (reply) => {
        if (this.#channel !== channel) return
        if (this.#ready) this.#handler.onReply(reply)
        else if (reply.kind === 'map') {
          const role = roleOf(reply)
          this.#handler.observe({ kind: 'role', at: steadyNow(), address, role })
          if (role === 'replica') fail()
        } else if (reply.kind === 'error') fail()
        else {
          if (this.#late !== undefined) this.#late.cancelled = true
          this.#ready = true
          this.#attempt = 0
          this.#handler.onReady()
        }
      },
      ended: fail
    })
    this.#channel = channel
    this.#late = this.#world.clock.schedule(this.#connectTimeoutMs, () => {
      if (!this.#ready) fail()
    })
  }

  #again(): void {
    if (this.#wake !== undefined || this.#channel !== undefined) return
    this.#wake = this.#world.clock.schedule(backoffMs(this.#attempt++, 20, 1_000), () => {
      this.#wake = undefined
      const wanted = this.#topology().primary?.address
      if (wanted !== undefined && this.#channel === undefined) this.#connect(wanted)
    })
  }

  #forget(): void {
    if (this.#late !== undefined) this.#late.cancelled = true
    this.#channel = undefined
    this.#ready = false
  }
}

export function roleOf(reply: Reply & { kind: 'map' }): 'primary' | 'replica' {
  const role = reply.entries.find(([field]) => field === 'role')?.[1]
  return role?.kind === 'bulk' && role.text === 'master' ? 'primary' : 'replica'
}
