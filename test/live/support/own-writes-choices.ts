import type { Random } from '../../simulation/random.js'
import type { Content, WriteHistory } from './write-history.js'

/** Of each kind: so many that some have not been written for a while, and so few that most are written again. */
const KEYS = 30

/** What can be told of one key of each kind, and how. */
export interface Look {
  readonly key: string
  readonly words: readonly (string | number)[]
  /** What the answer would be. */
  readonly of: (content: Content) => unknown
}

/** What becomes of a write in the model, and the words of its command. */
export interface Change {
  readonly words: readonly (string | number)[]
  readonly apply: () => (() => void) | undefined
}

/** One caller's choices: what to write, what to read. */
export class Caller {
  readonly #random: Random
  readonly #seed: number
  readonly value: () => string

  constructor(random: Random, seed: number, value: () => string) {
    this.#random = random
    this.#seed = seed
    this.value = value
  }

  key(kind: 's' | 'n' | 'h' | 'l' | 't'): string {
    return `${this.#seed}:${kind}${this.#random.below(KEYS)}`
  }

  change(history: WriteHistory, named: (name: string) => string): Change {
    const kind = this.#random.weighted({
      set: 6,
      append: 3,
      incr: 4,
      hset: 4,
      hdel: 1,
      rpush: 4,
      del: 3,
      px: 2,
      mset: 2
    })
    const value = this.value()
    const wrote = (key: string, content: Content): (() => void) | undefined => {
      history.wrote(named(key), content)
      return undefined
    }
    switch (kind) {
      case 'set': {
        const key = this.key('s')
        return { words: ['set', key, value], apply: () => wrote(key, value) }
      }
      case 'append': {
        const key = this.key('s')
        return { words: ['append', key, value], apply: () => wrote(key, (history.now(named(key)) ?? '') + value) }
      }
      case 'incr': {
        const key = this.key('n')
        return { words: ['incr', key], apply: () => wrote(key, String(Number(history.now(named(key)) ?? 0) + 1)) }
      }
      case 'hset': {
        const key = this.key('h')
        const field = `f${this.#random.below(3)}`
        return {
          words: ['hset', key, field, value],
          apply: () => wrote(key, fromFields({ ...fieldsOf(history.now(named(key))), [field]: value }))
        }
      }
      case 'hdel': {
        const key = this.key('h')
        return {
          words: ['hdel', key, 'f0'],
          apply: () => {
            const { f0: _gone, ...left } = fieldsOf(history.now(named(key)))
            return wrote(key, fromFields(left))
          }
        }
      }
      case 'rpush': {
        const key = this.key('l')
        return {
          words: ['rpush', key, value],
          apply: () => wrote(key, JSON.stringify([...itemsOf(history.now(named(key))), value]))
        }
      }
      case 'del': {
        const key = this.key(this.#random.pick(['s', 'n', 'h', 'l', 't'] as const))
        return { words: ['del', key], apply: () => wrote(key, undefined) }
      }
      case 'px': {
        const key = this.key('t')
        const ttlMs = this.#random.pick([200, 800, 100_000])
        return {
          words: ['set', key, value, 'PX', ttlMs],
          apply: () => history.wroteForAWhile(named(key), value, ttlMs)
        }
      }
      case 'mset': {
        const [one, other] = [this.key('s'), this.key('s')]
        return {
          words: ['mset', one, value, other, value],
          apply: () => {
            wrote(one, value)
            return wrote(other, value)
          }
        }
      }
    }
  }

  look(): Look {
    const kind = this.#random.weighted({
      get: 8,
      strlen: 2,
      mget: 2,
      evalRo: 2,
      number: 4,
      hgetall: 4,
      hget: 2,
      lrange: 4,
      llen: 1,
      passing: 3,
      exists: 2
    })
    switch (kind) {
      case 'get':
        return this.#text('get')
      case 'strlen':
        return { ...this.#text('strlen'), of: (content) => content?.length ?? 0 }
      case 'mget': {
        const key = this.key('s')
        return { key, words: ['mget', key], of: (content) => [content ?? null] }
      }
      case 'evalRo': {
        const key = this.key('s')
        return { key, words: ['eval_ro', `return redis.call('GET', KEYS[1])`, 1, key], of: asText }
      }
      case 'number': {
        const key = this.key('n')
        return { key, words: ['get', key], of: asText }
      }
      case 'hgetall': {
        const key = this.key('h')
        return { key, words: ['hgetall', key], of: (content) => fieldsOf(content) }
      }
      case 'hget': {
        const key = this.key('h')
        return { key, words: ['hget', key, 'f1'], of: (content) => fieldsOf(content)['f1'] ?? null }
      }
      case 'lrange': {
        const key = this.key('l')
        return { key, words: ['lrange', key, 0, -1], of: itemsOf }
      }
      case 'llen': {
        const key = this.key('l')
        return { key, words: ['llen', key], of: (content) => itemsOf(content).length }
      }
      case 'passing': {
        const key = this.key('t')
        return { key, words: ['get', key], of: asText }
      }
      case 'exists': {
        const key = this.key(this.#random.pick(['s', 'n', 'h', 'l', 't'] as const))
        return { key, words: ['exists', key], of: (content) => (content === undefined ? 0 : 1) }
      }
    }
  }

  #text(name: string): Look {
    const key = this.key('s')
    return { key, words: [name, key], of: asText }
  }
}

export function asText(content: Content): string | null {
  return content ?? null
}

function fieldsOf(content: Content): Record<string, string> {
  return content === undefined ? {} : (JSON.parse(content) as Record<string, string>)
}

/** A hash without fields is none. */
function fromFields(fields: Record<string, string>): Content {
  const entries = Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1))
  return entries.length === 0 ? undefined : JSON.stringify(Object.fromEntries(entries))
}

function itemsOf(content: Content): string[] {
  return content === undefined ? [] : (JSON.parse(content) as string[])
}
