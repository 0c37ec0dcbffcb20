/** What a key holds, in a form that can be compared: a string as it is, a hash or list as JSON; undefined when it does not exist. */
export type Content = string | undefined

interface State {
  readonly content: Content
  /** Of a key that expires: when it may be gone, and when it must be, by the clock of this process. */
  readonly gone?: { readonly from: number; until: number }
}

const ABSENT: State = { content: undefined }

/** A read of one key that is under way: what it may see begins with the last write that was issued before. */
export interface Glance {
  readonly key: string
  readonly since: number
  readonly at: number
}

/**
 * What every key has held after each write of the only writer there is, in the order in which they were issued. A read sees at least what
 * was issued before it, and may see what was issued while it was under way.
 */
export class WriteHistory {
  readonly #states = new Map<string, State[]>()

  /** The key's content after all writes so far. */
  now(key: string): Content {
    return this.#of(key).at(-1)?.content
  }

  wrote(key: string, content: Content): void {
    this.#of(key).push({ content })
  }

  /** The server lets it expire `ttlMs` after it executes this write; call the result when that has been acknowledged. */
  wroteForAWhile(key: string, content: string, ttlMs: number): () => void {
    const gone = { from: Date.now() + ttlMs - CLOCK_MS, until: Infinity }
    this.#of(key).push({ content, gone })
    return () => {
      gone.until = Date.now() + ttlMs + CLOCK_MS
    }
  }

  /** Every key that begins so is gone. */
  wiped(prefix: string): void {
    for (const [key, states] of this.#states) if (key.startsWith(prefix)) states.push(ABSENT)
  }

  glance(key: string): Glance {
    return { key, since: this.#of(key).length - 1, at: Date.now() }
  }

  /** Undefined when the read saw what it may; else what it missed, in words. `seen` is told what the key could have held. */
  missed({ key, since, at }: Glance, seen: (content: Content) => boolean, told: unknown): string | undefined {
    const now = Date.now()
    const states = this.#of(key)
    const possible = states.slice(since).flatMap(({ content, gone }): Content[] => {
      if (gone === undefined) return [content]
      return [...(at <= gone.until ? [content] : []), ...(now >= gone.from ? [undefined] : [])]
    })
    if (possible.some(seen)) return undefined
    const older = states.findLastIndex(({ content }, index) => index < since && seen(content))
    const behind = older === -1 ? 'nothing that it ever held' : `what it held ${since - older} writes before`
    return `${key}: read ${JSON.stringify(told)}, ${behind}; allowed ${JSON.stringify(possible)}`
  }

  #of(key: string): State[] {
    const states = this.#states.get(key)
    if (states !== undefined) return states
    const begun = [ABSENT]
    this.#states.set(key, begun)
    return begun
  }
}

/** Servers look at the clock once in a turn of their loop. */
const CLOCK_MS = 100
