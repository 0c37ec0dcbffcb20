import { createHash } from 'node:crypto'
import type { Step } from '../routing/exactly-once/request.js'
import type { WrapperKind } from '../routing/exactly-once/wrapper.js'
import { wrapperText } from '../routing/exactly-once/wrapper.js'

/** A script's text and the name by which a server knows it. */
export interface Wrapper {
  readonly text: string
  readonly sha: string
}

/** The name by which servers know a script. */
export function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex')
}

/** Goes into each digest: another one for another form of what is kept with a token. */
const FORMAT = '1'
const DIGEST_LENGTH = 16

/**
 * Tells the calls of one token apart: the same only for the same commands and arguments, in a transaction (`batch`) or not.
 * With a token of the library's own there is nothing to tell.
 */
export function digestOf(kind: 'one' | 'batch', steps: readonly Step[]): string {
  const hash = createHash('sha1').update(`${FORMAT} ${kind}`)
  for (const { name, args, script } of steps) {
    const words = script === undefined ? [name.toLowerCase(), ...args] : ['\0script', script.sha, ...args.slice(1)]
    hash.update(`*${words.length}`)
    for (const word of words) {
      const bytes = Buffer.isBuffer(word) ? word : Buffer.from(String(word))
      hash.update(`$${bytes.length}:`).update(bytes)
    }
  }
  return hash.digest('base64').slice(0, DIGEST_LENGTH)
}

const MOST_WRAPPERS = 1_000

/** Composed texts, each made once as long as there are not too many. */
export class Wrappers {
  readonly #known = new Map<string, Wrapper>()

  get(kind: WrapperKind, sources: readonly string[]): Wrapper {
    const id = sources.length === 0 ? kind : JSON.stringify([kind, ...sources])
    const known = this.#known.get(id)
    if (known !== undefined) return known
    if (this.#known.size >= MOST_WRAPPERS) this.#known.clear()
    const text = wrapperText(kind, sources)
    const wrapper = { text, sha: sha1(text) }
    this.#known.set(id, wrapper)
    return wrapper
  }
}
