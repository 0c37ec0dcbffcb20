import { Buffer } from 'node:buffer'
import { ConfigurationError } from '../errors.js'

/** A point in the history of what primaries wrote. */
export interface SessionPoint {
  /** The replication id of that history: 40 hexadecimal digits, INFO replication's own. */
  readonly history: string
  /** Bytes of it. */
  readonly offset: number
}

const VERSION = '1'
const HISTORY = /^[0-9a-f]{40}$/
/** Version, group, history, offset. All of it may stand in a URL, a header or a cookie as it is. */
const TOKEN = /^(\d+)\.([\w-]{6})\.([\w-]{27})\.([0-9a-z]{1,11})$/
const SHOWN = 24

/** The text of a point in a group's history, at most 48 characters; undefined when the server's history has another form. */
export function formatSession(group: string, { history, offset }: SessionPoint): string | undefined {
  if (!HISTORY.test(history) || !Number.isSafeInteger(offset) || offset < 0) return undefined
  return [VERSION, groupMark(group), Buffer.from(history, 'hex').toString('base64url'), offset.toString(36)].join('.')
}

/** Throws ConfigurationError for what session() of a client of this group did not give. */
export function parseSession(token: unknown, group: string): SessionPoint {
  const [, version, mark, id = '', digits = ''] = (typeof token === 'string' ? TOKEN.exec(token) : null) ?? []
  const offset = Number.parseInt(digits, 36)
  // Of two texts that mean the same only one is ever given.
  const history = Buffer.from(id, 'base64url')
  const known = history.toString('base64url') === id && offset.toString(36) === digits && Number.isSafeInteger(offset)
  if (version !== VERSION || !known)
    throw new ConfigurationError(
      `with({ session }) is ${shown(token)}; allowed is what client.session() gave, as it is`
    )
  if (mark !== groupMark(group))
    throw new ConfigurationError(
      `with({ session }) is ${shown(token)}, of another group than "${group}"; allowed is what session() of a client of this group gave`
    )
  return { history: history.toString('hex'), offset }
}

function shown(token: unknown): string {
  if (typeof token !== 'string') return token === null ? 'null' : `of type ${typeof token}`
  return JSON.stringify(token.length > SHOWN ? `${token.slice(0, SHOWN)}…` : token)
}

/** FNV-1a, 32 bits: enough to tell a wrong group from the right one by mistake, not to keep anybody from forging it. */
function groupMark(group: string): string {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(group)) hash = Math.imul(hash ^ byte, 0x01000193)
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(hash | 0)
  return bytes.toString('base64url')
}
