import type { Arg } from '../routing/arg.js'
import { textOf, wordOf } from '../routing/arg.js'
import { sha1 } from './exactly-once-hashes.js'

/** A server of today keeps no more that EVAL has brought (redis `src/eval.c` LRU_LIST_LENGTH). */
const MOST_SCRIPTS = 500

/** The scripts whose text went through one client by EVAL or SCRIPT LOAD: a later EVALSHA of one is made part of another by it. */
export class ScriptTexts {
  readonly #texts = new Map<string, string>()

  /** By its SHA1, in lower case. */
  get(sha: string): string | undefined {
    return this.#texts.get(sha)
  }

  /** Takes note of a command that brings a text. */
  note(name: string, args: readonly Arg[]): void {
    const lower = name.toLowerCase()
    if (lower === 'eval') this.#add(textOf(args[0]))
    else if (lower === 'script' && wordOf(args[0]) === 'LOAD') this.#add(textOf(args[1]))
  }

  #add(text: string): void {
    const sha = sha1(text)
    // The one that was used last is the last to go.
    this.#texts.delete(sha)
    this.#texts.set(sha, text)
    const [oldest] = this.#texts.keys()
    if (this.#texts.size > MOST_SCRIPTS && oldest !== undefined) this.#texts.delete(oldest)
  }
}
