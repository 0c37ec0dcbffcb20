/** Where a node stands in the replication stream: the `Replication` section of INFO, redis `src/server.c` genRedisInfoString(). */
export interface ReplicationInfo {
  readonly role: 'primary' | 'replica'
  /** Bytes of the stream that it has produced, or applied. */
  readonly offset: number
  /** Which history the offset counts in; a failover begins a new one. */
  readonly history: string
  /** A replica's link to its primary is up; true for a primary. */
  readonly linkUp: boolean
  /** The history that this one continues, and the last offset of that one which is part of this; undefined without one. */
  readonly past: { readonly history: string; readonly upTo: number } | undefined
}

/** Undefined when the text has not the fields that every server since 4.0 gives. */
export function parseReplicationInfo(text: string): ReplicationInfo | undefined {
  const fields = new Map<string, string>()
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':')
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1))
  }
  const role = fields.get('role')
  const history = fields.get('master_replid')
  const offset = Number(fields.get(role === 'slave' ? 'slave_repl_offset' : 'master_repl_offset'))
  if ((role !== 'master' && role !== 'slave') || history === undefined || !Number.isFinite(offset)) return undefined
  return {
    role: role === 'master' ? 'primary' : 'replica',
    offset,
    history,
    linkUp: role === 'master' || fields.get('master_link_status') === 'up',
    past: pastOf(fields)
  }
}

/** `second_repl_offset` is the first byte that was not part of the former history: redis `src/replication.c` shiftReplicationId(). */
function pastOf(fields: ReadonlyMap<string, string>): ReplicationInfo['past'] {
  const history = fields.get('master_replid2')
  const next = Number(fields.get('second_repl_offset') ?? -1)
  return history === undefined || !(next > 0) ? undefined : { history, upTo: next - 1 }
}

/** The zone that a node was told it is in (`availability-zone`, Valkey 8.0): the `Server` section of INFO. Undefined when it was not. */
export function zoneInInfo(text: string): string | undefined {
  return /^availability_zone:(\S[^\r\n]*)/m.exec(text)?.[1]
}

/**
 * A replica's answer to INFO replication shows that it holds what its primary held at some time: it is linked, or was since it
 * started (redis `src/server.c` genRedisInfoString(): -1 seconds is never) and no full synchronisation is under way.
 */
export function isSynchronised(text: string): boolean {
  const value = (field: string): string | undefined => new RegExp(`^${field}:(.*?)\\r?$`, 'm').exec(text)?.[1]
  if (value('master_link_status') === 'up') return true
  return value('master_sync_in_progress') === '0' && Number(value('master_link_down_since_seconds') ?? -1) >= 0
}
