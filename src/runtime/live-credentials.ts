import { AccessError } from '../errors.js'
import { refusedAccess } from '../protocol/access.js'
import type { Route } from '../protocol/address.js'
import type { Credentials } from '../protocol/handshake.js'
import { authWords } from '../protocol/handshake.js'
import type { Access } from './access.js'
import { accessError } from './access-errors.js'
import { pause } from './backoff.js'

/** A connection that carries the caller's commands, and may be told of new credentials between them. */
export interface LiveConnection {
  /** Where it leads; undefined while there is none. */
  readonly route: Route | undefined
  /** AUTH, behind what was written so far. `later`: not within a MULTI. `none`: there is no connection, or it was ended to be made anew. */
  authenticate(words: readonly string[]): Promise<unknown> | 'later' | 'none'
}

const LOOK_AGAIN_MS = 20
const NEVER = new AbortController().signal

/**
 * Authenticates a connection as soon as it can be. Resolves when that is done, or has taken so long that it is not waited for any more: the
 * connection waits in a blocking call, or in a MULTI. Rejects with AccessError when the server refuses; the connection is then what it was.
 */
export async function authenticateLive(
  connection: LiveConnection,
  access: Access,
  patienceMs: number,
  onLate: (error: AccessError) => void
): Promise<void> {
  let late = false
  const over = new AbortController()
  const done = authenticate(connection, access)
  done.catch((error: unknown) => {
    if (late && error instanceof AccessError) onLate(error)
  })
  try {
    await Promise.race([done, pause(patienceMs, over.signal)])
  } finally {
    late = true
    over.abort()
  }
}

async function authenticate(connection: LiveConnection, access: Access): Promise<void> {
  const { renewals } = access.credentials
  // Renewed once more, whoever did that sees to this connection too. What a new connection was given meanwhile nobody else brings here.
  while (access.credentials.renewals === renewals) {
    const { current } = access.credentials
    if (current?.password === undefined) return
    const { route } = connection
    const asked = connection.authenticate(wordsOf(current))
    if (asked === 'none') return
    if (asked === 'later') {
      await pause(LOOK_AGAIN_MS, NEVER)
      continue
    }
    try {
      await asked
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error)
      const reason = refusedAccess(words)
      // Whatever else it is, the connection is gone, and the next one is greeted with what is current.
      if (reason === undefined) return
      access.credentials.refused(current)
      throw accessError({ hop: access.hop, reason, route, what: `answers AUTH with "${words}"` })
    }
    return
  }
}

function wordsOf(credentials: Credentials): readonly string[] {
  return authWords(credentials).slice(1)
}
