import { NoPrimaryError } from '../errors.js'
import { parseReplicationInfo } from '../protocol/parse-info.js'
import { formatSession } from '../routing/session-token.js'

/** The token for where the primary stands by its answer to INFO replication. Throws NoPrimaryError when the answer is not a primary's. */
export function sessionFrom(info: string, group: string): string {
  const told = parseReplicationInfo(info)
  const token = told?.role === 'primary' ? formatSession(group, told) : undefined
  if (token !== undefined) return token
  const why =
    told === undefined
      ? 'it does not say where it stands'
      : told.role === 'replica'
        ? 'it has become a replica'
        : `its replication id "${told.history}" has another form than servers give`
  throw new NoPrimaryError(
    `session(): the node that writes of "${group}" go to answered INFO replication, and ${why}`,
    {
      group,
      stage: 'in-flight',
      command: 'info'
    }
  )
}
