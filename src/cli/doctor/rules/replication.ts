import { formatAddress } from '../../address.js'
import { followers, primaryRead, readNodes, replicasRead } from '../chosen.js'
import { bytes } from '../bytes.js'
import type { Rule } from '../rule.js'

/** So much behind is more than what a healthy replica has not yet acknowledged. */
const MOST_LAG_BYTES = 64 * 1024 * 1024
const LEAST_BACKLOG_SECONDS = 60
const DEFAULT_HARD_BYTES = 256 * 1024 * 1024
const DEFAULT_SOFT_BYTES = 64 * 1024 * 1024

export const replicaLinkDown: Rule = {
  code: 'replica-link-down',
  severity: 'error',
  meaning: 'A replica has no link to its primary: it falls behind, and after a while it may not be promoted.',
  remedy:
    'see its log: "Unable to connect" or "NOAUTH"/"WRONGPASS" (masterauth <password>, masteruser <user>), or a resynchronisation that begins over and over (client-output-buffer-limit replica, repl-backlog-size)',
  find: (examination) =>
    replicasRead(examination).flatMap(({ key, info: { role } }) =>
      role.kind === 'replica' && !role.linkUp
        ? [
            {
              at: key,
              evidence: `INFO replication says master_link_status:down, ${role.linkDownSeconds === undefined ? 'and never up' : `for ${role.linkDownSeconds} s`}, to ${formatAddress(role.of)}`
            }
          ]
        : []
    )
}

export const replicaLag: Rule = {
  code: 'replica-lag',
  severity: 'warning',
  meaning: 'A replica is behind its primary: reads from it are old, and what it lacks is lost if it is promoted.',
  remedy: 'look for a slow network, disk or processor at {at}, for BGSAVE and for slow commands (SLOWLOG GET 10)',
  find: (examination) => {
    const { maxLagMs } = examination.expectations
    return followers(examination).flatMap(({ address, online, lagSeconds, lagBytes }) => {
      const key = formatAddress(address)
      return online && (lagSeconds * 1000 > maxLagMs || lagBytes > MOST_LAG_BYTES)
        ? [
            {
              at: key,
              evidence: `INFO replication of the primary: last acknowledged ${lagSeconds} s ago, ${bytes(lagBytes)} behind`,
              fill: { at: key }
            }
          ]
        : []
    })
  }
}

export const replicaWritable: Rule = {
  code: 'replica-writable',
  severity: 'warning',
  meaning: 'A replica takes writes: they are at no other node, and are gone at the next full synchronisation.',
  remedy: 'CONFIG SET replica-read-only yes, at {at}',
  find: (examination) =>
    readNodes(examination).flatMap(({ key, facts: { config } }) =>
      config?.replicaReadOnly === false
        ? [{ at: key, evidence: 'CONFIG GET replica-read-only says no', fill: { at: key } }]
        : []
    )
}

export const backlogSmall: Rule = {
  code: 'backlog-small',
  severity: 'warning',
  meaning:
    'At the present rate of writes the replication backlog covers less than a minute: a replica that was away for longer needs all data anew.',
  remedy: 'CONFIG SET repl-backlog-size {size}, at every node',
  find: (examination) => {
    const node = primaryRead(examination)
    const config = node?.facts.config
    const count = followers(examination).length
    // What goes to a replica that loads a full copy is counted too.
    const loading = followers(examination).some(({ online }) => !online)
    if (node === undefined || config === undefined || count === 0 || loading) return []
    const rate = node.info.streamBytesPerSecond / count
    const seconds = config.backlogBytes / rate
    if (seconds >= LEAST_BACKLOG_SECONDS) return []
    return [
      {
        at: node.key,
        evidence: `CONFIG GET repl-backlog-size says ${bytes(config.backlogBytes)}; INFO stats: ${bytes(rate)} a second to each of ${count} replicas, so it covers ${Math.round(seconds)} s`,
        fill: { size: `${Math.ceil((rate * LEAST_BACKLOG_SECONDS) / 2 ** 20)}mb` }
      }
    ]
  }
}

export const replicaBufferSmall: Rule = {
  code: 'replica-buffer-small',
  severity: 'warning',
  meaning:
    'The output buffer for replicas is smaller than the default: while a replica loads a full copy, what is written meanwhile does not fit, it is cut off, and begins again without end.',
  remedy: 'CONFIG SET client-output-buffer-limit "replica 256mb 64mb 60", at {at}; larger where much is written',
  find: (examination) =>
    readNodes(examination).flatMap(({ key, facts: { config } }) => {
      const { hardBytes = 0, softBytes = 0 } = config?.replicaBuffer ?? {}
      const small =
        (hardBytes > 0 && hardBytes < DEFAULT_HARD_BYTES) || (softBytes > 0 && softBytes < DEFAULT_SOFT_BYTES)
      return small
        ? [
            {
              at: key,
              evidence: `CONFIG GET client-output-buffer-limit says ${bytes(hardBytes)} at once and ${bytes(softBytes)} for a while, for replicas`,
              fill: { at: key }
            }
          ]
        : []
    })
}
