import type { Arg } from '../routing/arg.js'
import { textOf } from '../routing/arg.js'
import { cursorOf, GivenCursors, isEnd, scannedBy } from '../routing/cursors.js'
import type { Call } from './call.js'
import { databaseFor } from './call.js'

const MOST_CURSORS = 1_000
const MOST_CHARACTERS = 256 * 1024

const GIVEN_ON: unique symbol = Symbol('given on')
const SCANNED_ON: unique symbol = Symbol('scanned on')

/** A scan, with the numbers of two connections to the primary. */
interface ScanCall extends Call {
  /** The one that gave its cursor, where the caller knows it. */
  [GIVEN_ON]?: number
  /** The one that it was written to last. */
  [SCANNED_ON]?: number
}

/**
 * Cursors of SCAN, HSCAN, SSCAN and ZSCAN, and the connections that gave them. A cursor is a place in the hash table of one process, and
 * every process lays its tables out by a secret of its own (`dictSetHashFunctionSeed()`, redis `server.c` main()): on another it
 * leaves out elements, and nothing tells. Behind another connection there may be another process.
 */
export class ScanCursors {
  readonly #given = new GivenCursors(MOST_CURSORS, MOST_CHARACTERS)

  /** A scan is about to be written to this connection. The cursor, when an earlier connection gave it: it must not be written then. */
  lost(command: ScanCall, connection: number): string | undefined {
    const args = command.args as Arg[]
    const cursor = cursorOf(command.name, args)
    if (!isEnd(cursor)) {
      const giver =
        command[GIVEN_ON] ?? this.#given.giverOf(scannedBy(command.name, args, databaseFor(command)), cursor)
      if (giver !== undefined && giver !== connection) return cursor
    }
    if (command[SCANNED_ON] === undefined) this.#listen(command)
    command[SCANNED_ON] = connection
    return undefined
  }

  /** Before the caller gets the reply, and may go on with its cursor at once. */
  #listen(command: ScanCall): void {
    const { resolve } = command
    command.resolve = (reply) => {
      const next = Array.isArray(reply) ? textOf((reply as Arg[])[0]) : ''
      const connection = command[SCANNED_ON]
      if (!isEnd(next) && connection !== undefined)
        this.#given.gave(connection, scannedBy(command.name, command.args as Arg[], databaseFor(command)), next)
      resolve(reply)
    }
  }
}

/** The connection that answered a scan. */
export function scannedOn(command: ScanCall): number | undefined {
  return command[SCANNED_ON]
}

/** Says which connection gave the cursor of a scan: what is remembered by the cursor alone may be of another scan. */
export function goOnFrom(command: ScanCall, connection: number): void {
  command[GIVEN_ON] = connection
}
