import type { EventEmitter } from 'node:events'
import type { Plant } from './records.js'

/** Leaks on purpose: what the check of the slopes must find. */
export class PlantedLeak {
  readonly #plant: Plant | undefined
  readonly #emitter: Pick<EventEmitter, 'on' | 'setMaxListeners'>
  readonly #kept = new Map<number, string[]>()
  readonly #timers: NodeJS.Timeout[] = []

  constructor(plant: Plant | undefined, emitter: Pick<EventEmitter, 'on' | 'setMaxListeners'>) {
    this.#plant = plant
    this.#emitter = emitter
    if (plant === 'listener') emitter.setMaxListeners(0)
  }

  /** Once a failover. */
  grow(): void {
    switch (this.#plant) {
      case 'listener':
        this.#emitter.on('planted', () => this.#kept.size)
        return
      case 'map':
        this.#kept.set(
          this.#kept.size,
          Array.from({ length: 1_024 }, (_, index) => `${this.#kept.size} planted ${index} ${'x'.repeat(32)}`)
        )
        return
      case 'timer':
        this.#timers.push(setInterval(() => undefined, 60_000))
        return
      case undefined:
    }
  }

  remove(): void {
    for (const timer of this.#timers) clearInterval(timer)
  }
}
