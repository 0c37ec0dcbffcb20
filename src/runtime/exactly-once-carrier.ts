import { Command } from 'ioredis'
import type { Arg } from '../routing/arg.js'
import type { AnsweredTokens } from '../routing/exactly-once/answered-tokens.js'
import type { Call } from './call.js'
import { databaseFor } from './call.js'
import type { Wrapper } from './exactly-once-hashes.js'

/** Which wrappers a connection has been given as text. */
const KNOWN_TO = new WeakMap<object, Set<string>>()

export interface Cargo {
  readonly wrapper: Wrapper
  readonly token: Arg
  readonly keys: readonly Arg[]
  readonly ttlMs: number
  readonly digest: string
  /** What is to be done, behind the wrapper's own arguments. */
  readonly words: readonly Arg[]
  /** The name of the user's command, for errors. */
  readonly name: string
  /** The keys that it writes, or none when nobody can tell; the token's is nobody's business. */
  readonly writes: readonly (string | Buffer)[]
  /** The tokens that may be forgotten with it; its own joins them when it was written once and answered. */
  readonly answered: AnsweredTokens
  /** Nobody but this carrier knows the token. */
  readonly ownToken: boolean
}

/**
 * The command that carries the user's. Each connection is given the wrapper's text with the first call that needs it and its
 * SHA1 from then on; which of the two is decided when it is written, so a call that is sent again over another connection
 * brings the text.
 */
export class Carrier extends Command {
  readonly carries: string
  readonly #cargo: Cargo
  #writtenTo: object | undefined
  #timesWritten = 0
  /** The tokens that it was to remove when it was last written. */
  #removes: readonly Arg[] = []

  constructor(cargo: Cargo) {
    super('evalsha', argumentsOf(cargo.wrapper.sha, cargo, []))
    this.carries = cargo.name
    this.#cargo = cargo
  }

  override toWritable(socket: object): string | Buffer {
    let known = KNOWN_TO.get(socket)
    if (known === undefined) KNOWN_TO.set(socket, (known = new Set()))
    const { text, sha } = this.#cargo.wrapper
    const first = !known.has(sha)
    known.add(sha)
    this.name = first ? 'eval' : 'evalsha'
    this.#removes = this.#cargo.answered.take(databaseFor(this))
    this.args = argumentsOf(first ? text : sha, this.#cargo, this.#removes)
    this.#writtenTo = socket
    this.#timesWritten += 1
    return super.toWritable(socket)
  }

  override getKeys(): (string | Buffer)[] {
    return [...this.#cargo.writes]
  }

  /** Its reply has come: with one copy written and answered, none is left that could come late. */
  forgetToken(): void {
    const { answered, token, ownToken } = this.#cargo
    if (ownToken && this.#timesWritten === 1) answered.add(databaseFor(this), token)
  }

  /** EXEC said that nothing was executed: what it was to remove is still there, and its text is not known. */
  notExecuted(): void {
    if (this.name === 'eval' && this.#writtenTo !== undefined)
      KNOWN_TO.get(this.#writtenTo)?.delete(this.#cargo.wrapper.sha)
    for (const key of this.#removes) this.#cargo.answered.add(databaseFor(this), key)
    this.#removes = []
  }

  /** The server has forgotten the wrapper (SCRIPT FLUSH, or too many scripts): the next time the text goes with it. */
  unloaded(error: Error): boolean {
    if (this.name !== 'evalsha' || !error.message.startsWith('NOSCRIPT ')) return false
    if (this.#writtenTo !== undefined) KNOWN_TO.get(this.#writtenTo)?.delete(this.#cargo.wrapper.sha)
    return true
  }
}

/** A carrier was not executed because the server does not know its script any more: to be sent again at once. */
export function lacksItsScript(call: Call, error: Error): boolean {
  return call instanceof Carrier && call.unloaded(error)
}

function argumentsOf(script: string, { token, keys, ttlMs, digest, words }: Cargo, forget: readonly Arg[]): string[] {
  const own = [script, String(1 + forget.length + keys.length), token, ...forget, ...keys]
  return [...own, String(ttlMs), digest, String(forget.length), ...words] as string[]
}
