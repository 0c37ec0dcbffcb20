import { isSentinelChannel } from '../../../src/protocol/channels.js'
import { parseEvent } from '../../../src/protocol/parse-event.js'
import { formatAddress } from '../../../src/protocol/address.js'
import { backoffMs } from '../../../src/runtime/backoff.js'
import { steadyNow } from '../../../src/runtime/steady-now.js'
import type { Observation } from '../../../src/topology/observation.js'
import type { Appointment } from '../clock.js'
import type { Channel, Ending } from '../world/channel.js'
import type { Reply } from '../world/reply.js'
import type { SimSentinel } from '../world/sentinel.js'
import type { World } from '../world/world.js'

export interface ThinTimes {
  readonly pollMs: number
  readonly hurriedPollMs: number
  readonly sentinelTimeoutMs: number
}

/** A link to one sentinel: subscribed, asked at intervals and at each event, dropped when it does not answer in time. */
export class ThinSentinel {
  readonly key: string
  readonly #world: World
  readonly #sentinel: SimSentinel
  readonly #times: ThinTimes
  readonly #observe: (seen: Observation) => void
  #channel: Channel | undefined
  #up = false
  #asked = false
  #again = false
  #hurried = false
  #attempt = 0
  #next: Appointment | undefined
  #late: Appointment | undefined

  constructor(world: World, sentinel: SimSentinel, times: ThinTimes, observe: (seen: Observation) => void) {
    this.key = formatAddress(sentinel.address)
    this.#world = world
    this.#sentinel = sentinel
    this.#times = times
    this.#observe = observe
  }

  open(): void {
    const { clock } = this.#world
    const channel = this.#world.dial(this.#sentinel.address, {
      connected: () => {
        channel.send(['FOLLOW'])
      },
      data: (message) => {
        this.#heard(message)
      },
      ended: (how) => {
        this.#down(how)
      }
    })
    this.#channel = channel
    this.#late = clock.schedule(this.#times.sentinelTimeoutMs, () => {
      this.#down('silent')
    })
  }

  hurry(hurried: boolean): void {
    if (hurried === this.#hurried) return
    this.#hurried = hurried
    if (hurried) this.ask()
  }

  ask(): void {
    if (!this.#up) return
    if (this.#asked) {
      this.#again = true
      return
    }
    if (this.#next !== undefined) this.#next.cancelled = true
    this.#asked = true
    this.#again = false
    this.#channel?.send(['SNAPSHOT'])
    this.#late = this.#world.clock.schedule(this.#times.sentinelTimeoutMs, () => {
      this.#down('silent')
    })
  }

  #heard(message: Reply): void {
    const at = steadyNow()
    switch (message.kind) {
      case 'published': {
        if (!this.#up || !isSentinelChannel(message.channel)) return
        this.#observe({ kind: 'event', at, from: this.key, event: parseEvent(message.channel, message.message) })
        this.ask()
        return
      }
      case 'snapshot': {
        this.#answered()
        this.#asked = false
        const again = this.#again
        this.#observe({ kind: 'snapshot', at, from: this.key, snapshot: message.snapshot })
        if (again) this.ask()
        else this.#wait()
        return
      }
      default:
        this.#answered()
        this.#up = true
        this.#attempt = 0
        this.ask()
    }
  }

  #wait(): void {
    const { clock } = this.#world
    const intervalMs = this.#hurried ? this.#times.hurriedPollMs : this.#times.pollMs
    this.#next = clock.schedule(intervalMs * (0.8 + Math.random() * 0.4), () => {
      this.ask()
    })
  }

  #answered(): void {
    if (this.#late !== undefined) this.#late.cancelled = true
  }

  #down(how: Ending | 'silent'): void {
    this.#answered()
    if (this.#next !== undefined) this.#next.cancelled = true
    this.#channel?.destroy()
    this.#up = false
    this.#asked = false
    this.#observe({ kind: 'sentinel-lost', at: steadyNow(), from: this.key, reason: how })
    this.#world.clock.schedule(backoffMs(this.#attempt++, 50, 1_000), () => {
      this.open()
    })
  }
}
