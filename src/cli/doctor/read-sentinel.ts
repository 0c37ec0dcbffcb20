import type { GroupView, Listed } from './examination.js'
import { type Fields, numberIn, pairFields } from './read-info.js'

/** The answers to SENTINEL GET-MASTER-ADDR-BY-NAME, MASTER, REPLICAS and SENTINELS; undefined where it was refused. */
export interface GroupReplies {
  readonly address: unknown
  readonly primary: unknown
  readonly replicas: unknown
  readonly others: unknown
}

/** `unknown` when it knows no group of this name; undefined when it did not say. */
export function readGroup({ address, primary, replicas, others }: GroupReplies): GroupView | 'unknown' | undefined {
  if (address === undefined) return undefined
  if (!Array.isArray(address)) return 'unknown'
  return {
    primary: { host: String(address[0]), port: Number(address[1]) },
    ...(primary !== undefined && readDescription(pairFields(primary))),
    ...(replicas !== undefined && { replicas: readList(replicas) }),
    ...(others !== undefined && { others: readList(others) })
  }
}

function readDescription(fields: Fields): Pick<GroupView, 'flags' | 'configEpoch' | 'settings'> {
  return {
    flags: flagsIn(fields),
    configEpoch: numberIn(fields, 'config-epoch'),
    settings: {
      quorum: numberIn(fields, 'quorum'),
      downAfterMs: numberIn(fields, 'down-after-milliseconds'),
      failoverTimeoutMs: numberIn(fields, 'failover-timeout'),
      parallelSyncs: numberIn(fields, 'parallel-syncs')
    }
  }
}

function readList(reply: unknown): Listed[] {
  return (Array.isArray(reply) ? reply : []).map((entry) => {
    const fields = pairFields(entry)
    const id = fields.get('runid') ?? ''
    return {
      ...(id !== '' && { id }),
      address: { host: fields.get('ip') ?? '', port: numberIn(fields, 'port') },
      flags: flagsIn(fields)
    }
  })
}

function flagsIn(fields: Fields): readonly string[] {
  return (fields.get('flags') ?? '').split(',').filter((flag) => flag !== '')
}
