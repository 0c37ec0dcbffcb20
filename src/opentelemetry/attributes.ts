import type { Attributes } from '@opentelemetry/api'
import type { CommandTrace, ContactedNode } from '../index.js'

/**
 * Names of OpenTelemetry's semantic conventions for calls to Redis (semantic-conventions `docs/db/redis.md`). Written out, since what
 * publishes them as constants changes them with each of its versions.
 */
export const DB = {
  system: 'db.system.name',
  operation: 'db.operation.name',
  namespace: 'db.namespace',
  batchSize: 'db.operation.batch.size',
  queryText: 'db.query.text',
  status: 'db.response.status_code',
  errorType: 'error.type',
  serverAddress: 'server.address',
  serverPort: 'server.port',
  peerAddress: 'network.peer.address',
  peerPort: 'network.peer.port'
} as const

/** What the conventions have no name for. */
export const OWN = 'ioredis_sentinel.'

/** The command; of a batch `PIPELINE` or `MULTI`, followed by the command where all are the same. */
export function operationName({ name, batch }: CommandTrace): string {
  const own = name.toUpperCase()
  const [first] = batch ?? []
  if (first === undefined || batch?.some((one) => one !== first) === true) return own
  return `${own} ${first.toUpperCase()}`
}

export function callAttributes(trace: CommandTrace): Attributes {
  return {
    [DB.system]: 'redis',
    [DB.operation]: operationName(trace),
    [DB.namespace]: String(trace.database)
  }
}

/** One batch of a single command is no batch. */
export function batchSize({ batch }: CommandTrace): Attributes {
  return batch === undefined || batch.length === 1 ? {} : { [DB.batchSize]: batch.length }
}

/** The node that answered. */
export function nodeAttributes({ address, peer }: ContactedNode): Attributes {
  return {
    [DB.serverAddress]: address.host,
    [DB.serverPort]: address.port,
    ...(peer !== undefined && { [DB.peerAddress]: peer.host, [DB.peerPort]: peer.port })
  }
}

/** The first word of what the server answered, or the name of the error that this library made. */
export function errorAttributes(error: unknown): Attributes {
  const status = statusOf(error)
  if (status !== undefined) return { [DB.status]: status, [DB.errorType]: status }
  return { [DB.errorType]: error instanceof Error ? error.name : '_OTHER' }
}

function statusOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.name !== 'ReplyError') return undefined
  return /^[A-Z][A-Z0-9]*(?= |$)/.exec(error.message)?.[0] ?? 'ERR'
}

/** Their answers may repeat what they were given, in words of their own: so may those of a module's commands, which have a dot in their names. */
const TELLTALE = /^(auth|hello|acl|config|migrate|geoadd|(eval|evalsha|fcall)(_ro)?|script|function|.*\..*)$/i

/**
 * What may be written down of an error. A server's answer to a command that it does not know repeats its arguments, and others repeat keys
 * in quotes (redis `t_stream.c`: NOGROUP No such key '…').
 */
export function errorText(error: unknown, { name, batch }: CommandTrace): string {
  if (!(error instanceof Error)) return ''
  const status = statusOf(error)
  if (status === undefined) return error.message
  if ([name, ...(batch ?? [])].some((one) => TELLTALE.test(one))) return status
  return error.message.replace(/, with args beginning with.*$/s, '').replace(/(['"`]).*\1/s, '$1…$1')
}
