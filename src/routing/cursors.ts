import type { Arg } from './arg.js'
import { textOf } from './arg.js'
import { canonical } from './keys.js'

const SCANS: ReadonlySet<string> = new Set(['scan', 'hscan', 'sscan', 'zscan'])

const LETTER_N = 0x6e
const TO_LOWER_CASE = 0x20

/** Whether the command takes a cursor and gives the next: SCAN, HSCAN, SSCAN, ZSCAN. Asked of every command, so nearly all are told by one letter. */
export function isScan(name: string): boolean {
  return (name.charCodeAt(name.length - 1) | TO_LOWER_CASE) === LETTER_N && SCANS.has(name.toLowerCase())
}

/** The cursor that a scan goes on from; `''` when it was given none. */
export function cursorOf(name: string, args: readonly Arg[]): string {
  return textOf(args[isKeyless(name) ? 0 : 1])
}

/** What is scanned: the database, or one key of it. A cursor means nothing anywhere else. */
export function scannedBy(name: string, args: readonly Arg[], db: number): string {
  return isKeyless(name) ? `scan ${db}` : `${name.toLowerCase()} ${canonical(args[0] ?? '', db)}`
}

/** Every scan begins at 0 and ends with 0. */
export function isEnd(cursor: string): boolean {
  return /^0*$/.test(cursor)
}

function isKeyless(name: string): boolean {
  return name.length === 'scan'.length
}

/**
 * Which connection gave a cursor. Bounded: past `most` cursors, or `mostCharacters` of what they are for, the oldest are forgotten and
 * then count as never given. Of two scans that were given the same cursor the last one counts.
 */
export class GivenCursors {
  readonly #most: number
  readonly #mostCharacters: number
  /** By what is scanned and the cursor; the oldest first. */
  readonly #connections = new Map<string, number>()
  #characters = 0

  constructor(most: number, mostCharacters: number) {
    this.#most = most
    this.#mostCharacters = mostCharacters
  }

  gave(connection: number, scanned: string, cursor: string): void {
    const text = `${cursor} ${scanned}`
    if (!this.#connections.delete(text)) this.#characters += text.length
    this.#connections.set(text, connection)
    for (const oldest of this.#connections.keys()) {
      if (this.#connections.size <= this.#most && this.#characters <= this.#mostCharacters) return
      this.#connections.delete(oldest)
      this.#characters -= oldest.length
    }
  }

  /** Undefined when nothing is known of it. */
  giverOf(scanned: string, cursor: string): number | undefined {
    return this.#connections.get(`${cursor} ${scanned}`)
  }
}
