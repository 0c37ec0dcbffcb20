import { statSync } from 'node:fs'
import type { Cluster } from '../cluster.js'

const LOOK_EVERY_MS = 200

/** How long each log was when, for `logs --since`: the lines themselves need not tell their time. */
export class LogClock {
  readonly #sizes = new Map<string, { readonly at: number; readonly size: number }[]>()
  readonly #timer: NodeJS.Timeout

  constructor(cluster: Cluster) {
    this.#timer = setInterval(() => {
      for (const pod of cluster.pods) for (const { name } of pod.containers) this.#look(pod.logFile(name))
    }, LOOK_EVERY_MS)
  }

  /** How many bytes the file had so many milliseconds ago. */
  sizeBefore(file: string, ms: number): number {
    const then = performance.now() - ms
    return this.#sizes.get(file)?.findLast(({ at }) => at <= then)?.size ?? 0
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #look(file: string): void {
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0
    const seen = this.#sizes.get(file) ?? []
    if (seen.at(-1)?.size !== size) seen.push({ at: performance.now(), size })
    this.#sizes.set(file, seen)
  }
}
