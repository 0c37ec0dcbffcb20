import { readNodes, tellingNodes } from '../chosen.js'
import type { NodeInfo } from '../examination.js'
import type { Rule } from '../rule.js'

export const persistenceOff: Rule = {
  code: 'persistence-off',
  severity: 'warning',
  meaning:
    'A node keeps nothing on disk: if it is the primary and is started again before the sentinels notice, it is empty, its replicas copy that, and all data is gone.',
  remedy: 'CONFIG SET appendonly yes and CONFIG REWRITE, at {at}; or see to it that nothing starts it again by itself',
  find: (examination) =>
    readNodes(examination).flatMap(({ key, facts: { config, info } }) =>
      config !== undefined && !config.appendOnly && config.savePoints === ''
        ? [{ at: key, evidence: `CONFIG GET says appendonly no and save ""${supervision(info)}`, fill: { at: key } }]
        : []
    )
}

function supervision(info: NodeInfo | undefined): string {
  if (info === undefined) return ''
  const { role, supervised } = info
  const all = supervised === 'no' ? ' (containers are started again all the same)' : ''
  return `, of a ${role.kind}; INFO server says process_supervised:${supervised}${all}`
}

export const snapshotsOnly: Rule = {
  code: 'snapshots-only',
  severity: 'note',
  meaning:
    'A node keeps its data in snapshots alone: if it is the primary and is started again before the sentinels notice, it has what the last one held, an hour ago perhaps, its replicas copy that, and all that was acknowledged since is gone.',
  remedy: 'CONFIG SET appendonly yes and CONFIG REWRITE, at {at}; or see to it that nothing starts it again by itself',
  find: (examination) =>
    readNodes(examination).flatMap(({ key, facts: { config, info } }) =>
      config !== undefined && !config.appendOnly && config.savePoints !== ''
        ? [
            {
              at: key,
              evidence: `CONFIG GET says appendonly no and save "${config.savePoints}"${lastSave(info)}`,
              fill: { at: key }
            }
          ]
        : []
    )
}

function lastSave(info: NodeInfo | undefined): string {
  if (info === undefined) return ''
  const { role, lastSaveSeconds } = info
  const time = new Date(lastSaveSeconds * 1000).toISOString()
  return `, of a ${role.kind}; INFO persistence says rdb_last_save_time:${lastSaveSeconds}, ${time}`
}

export const persistenceFailing: Rule = {
  code: 'persistence-failing',
  severity: 'error',
  meaning:
    'A node could not write its data to disk: it is lost with the process, and a primary refuses writes with MISCONF.',
  remedy: 'see the log of {at} and its disk (full, read-only, rights of dir), then BGSAVE or BGREWRITEAOF there',
  find: (examination) =>
    tellingNodes(examination).flatMap(({ key, info: { persistenceFailed } }) =>
      persistenceFailed.length === 0
        ? []
        : [
            {
              at: key,
              evidence: `INFO persistence says ${persistenceFailed.map((field) => `${field}:err`).join(', ')}`,
              fill: { at: key }
            }
          ]
    )
}

export const configFileMissing: Rule = {
  code: 'config-file-missing',
  severity: 'warning',
  meaning:
    'A node was started without a configuration file: what a failover makes of it cannot be kept, and after a restart it is what its command line says, a second primary perhaps.',
  remedy: 'start {at} with a file that it may write: redis-server <path>/redis.conf',
  find: (examination) =>
    tellingNodes(examination).flatMap(({ key, info: { configFile } }) =>
      configFile === '' ? [{ at: key, evidence: 'INFO server says config_file: and nothing', fill: { at: key } }] : []
    )
}
