import type { Address } from '../../../src/protocol/address.js'
import type { Clock } from '../clock.js'
import type { Channel } from './channel.js'

/** A server: it can be killed, frozen, and started again. */
export abstract class Process {
  alive = true
  /** False after the machine itself went: nothing answers for the process then, not even with a refusal. */
  machineUp = true
  /** Counts its starts. */
  incarnation = 0
  readonly channels = new Set<Channel>()
  #frozenUntil = 0
  #backlog: (() => void)[] = []

  constructor(
    readonly name: string,
    readonly host: number,
    readonly address: Address,
    protected readonly clock: Clock
  ) {}

  get frozen(): boolean {
    return this.#frozenUntil > this.clock.now
  }

  get working(): boolean {
    return this.alive && !this.frozen
  }

  /** Does it now, when it thaws, or never. */
  receive(action: () => void): void {
    if (!this.alive) return
    if (this.frozen) this.#backlog.push(action)
    else action()
  }

  freeze(forMs: number): void {
    if (!this.alive) return
    this.#frozenUntil = Math.max(this.#frozenUntil, this.clock.now + forMs)
    const { incarnation } = this
    this.clock.schedule(forMs, () => {
      if (this.frozen || this.incarnation !== incarnation || !this.alive) return
      this.onThaw()
      for (const action of this.#backlog.splice(0)) if (this.alive) action()
    })
  }

  kill(machineToo: boolean): void {
    if (!this.alive) return
    this.alive = false
    this.machineUp = !machineToo
    this.#frozenUntil = 0
    this.#backlog = []
    for (const channel of [...this.channels]) channel.serverDied(machineToo)
    this.channels.clear()
    this.onKilled()
  }

  start(): void {
    if (this.alive) return
    this.alive = true
    this.machineUp = true
    this.incarnation += 1
    this.onStarted()
  }

  /** A connection was made: says what becomes of what comes in on it. */
  abstract accept(channel: Channel): ServerEnd
  protected onThaw(): void {
    /* most have nothing to do */
  }
  protected abstract onKilled(): void
  protected abstract onStarted(): void
}

export interface ServerEnd {
  command(words: readonly string[]): void
  closed(): void
}
