export type Reply = string | null | readonly Reply[]

/** The answers that make a snapshot. */
export interface Replies {
  readonly id: Reply
  readonly primaryAddress: Reply
  readonly primary: Reply
  readonly replicas: Reply
  readonly sentinels: Reply
  readonly info: Reply
}

/** What a client reads, and what tells a failover's state; the rest changes with every answer. */
const FIELDS: readonly string[] = [
  'name',
  'ip',
  'port',
  'runid',
  'flags',
  'config-epoch',
  'quorum',
  'down-after-milliseconds',
  'failover-timeout',
  'failover-state',
  'num-other-sentinels',
  'master-link-status',
  'slave-priority',
  'replica-announced'
]
const OF_A_SENTINEL: readonly string[] = ['ip', 'port', 'runid', 'flags']

/** The replies with those fields alone. */
export function shorten({ id, primaryAddress, primary, replicas, sentinels, info }: Replies): Replies {
  const each = (list: Reply, names: readonly string[]): Reply =>
    Array.isArray(list) ? list.map((entry: Reply) => pick(entry, names)) : list
  return {
    id,
    primaryAddress,
    primary: pick(primary, FIELDS),
    replicas: each(
      replicas,
      FIELDS.filter((name) => name !== 'name' && name !== 'runid')
    ),
    sentinels: each(sentinels, OF_A_SENTINEL),
    info: typeof info === 'string' ? (/^sentinel_tilt:\d/m.exec(info)?.[0] ?? null) : null
  }
}

function pick(fields: Reply, names: readonly string[]): Reply {
  if (!Array.isArray(fields)) return fields
  const picked: Reply[] = []
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const [name, value] = [fields[i] as Reply, fields[i + 1] as Reply]
    if (names.includes(String(name))) picked.push(name, value)
  }
  return picked
}
