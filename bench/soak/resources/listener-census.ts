import { EventEmitter as Eventemitter3 } from 'eventemitter3'
import { EventEmitter as NodeEmitter } from 'node:events'

type Emitter = NodeEmitter | Eventemitter3

/** Methods by which listeners come; `once` and the like end in these, or are covered by being here. */
const NODE_METHODS = ['on', 'addListener', 'once', 'prependListener', 'prependOnceListener'] as const
const OTHER_METHODS = ['on', 'addListener', 'once'] as const

/**
 * Knows every emitter of this process that was ever given a listener since it was made, without keeping any alive: what
 * clients share among them is private to the library, and its listeners are to be counted all the same.
 */
export class ListenerCensus {
  readonly #seen = new WeakSet<Emitter>()
  #emitters: WeakRef<Emitter>[] = []

  constructor() {
    this.#watch(NodeEmitter.prototype, NODE_METHODS)
    this.#watch(Eventemitter3.prototype, OTHER_METHODS)
  }

  /** Listeners on all emitters that are still there, but these. */
  countExcept(excluded: readonly Emitter[]): number {
    let total = 0
    this.#emitters = this.#emitters.filter((reference) => {
      const emitter = reference.deref()
      if (emitter === undefined) return false
      if (!excluded.includes(emitter)) total += listenersOn(emitter)
      return true
    })
    return total
  }

  #watch(prototype: object, methods: readonly string[]): void {
    const note = (emitter: Emitter): void => {
      if (this.#seen.has(emitter)) return
      this.#seen.add(emitter)
      this.#emitters.push(new WeakRef(emitter))
    }
    for (const name of methods) {
      const original = Reflect.get(prototype, name) as (this: Emitter, ...args: unknown[]) => unknown
      Reflect.set(prototype, name, function (this: Emitter, ...args: unknown[]): unknown {
        note(this)
        return original.apply(this, args)
      })
    }
  }
}

function listenersOn(emitter: Emitter): number {
  return emitter.eventNames().reduce((sum, name) => sum + (emitter as NodeEmitter).listenerCount(name), 0)
}
