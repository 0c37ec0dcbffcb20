import { readNodes, readSentinels, tally } from '../chosen.js'
import { announcedServers, isLoopback } from '../announced.js'
import { denialBy } from '../denial.js'
import type { CheckedUser, Examination, NodeConfig } from '../examination.js'
import type { Rule, Sign } from '../rule.js'

/** What users of this purpose may not do. */
function gaps(examination: Examination, purpose: CheckedUser['purpose']) {
  return readNodes(examination).flatMap(({ key, facts: { accounts } }) =>
    (accounts?.checked ?? []).flatMap((checked) =>
      checked.purpose !== purpose || checked.lacking.length === 0
        ? []
        : [
            {
              at: key,
              evidence: `ACL DRYRUN and ACL LIST: the user ${checked.user} lacks ${checked.lacking.join(', ')}`,
              fill: {
                at: key,
                user: checked.user,
                rights: checked.lacking.join(' ')
              }
            }
          ]
    )
  )
}

export const sentinelRights: Rule = {
  code: 'sentinel-rights',
  severity: 'error',
  meaning:
    'The user by which sentinels log in to a node may not do all that they do there: they see it as down, or cannot make it the primary.',
  remedy: 'ACL SETUSER {user} {rights}, at {at}, and the same in its ACL file or redis.conf',
  find: (examination) => gaps(examination, 'sentinel')
}

export const replicationRights: Rule = {
  code: 'replication-rights',
  severity: 'error',
  meaning:
    'The user by which a replica logs in to its primary (masteruser) may not replicate at a node: after a failover to it, replicas would not follow.',
  remedy: 'ACL SETUSER {user} {rights}, at {at}, and the same in its ACL file or redis.conf',
  find: (examination) => gaps(examination, 'replication')
}

export const clientRights: Rule = {
  code: 'client-rights',
  severity: 'warning',
  meaning:
    "The applications' user (--client-user) lacks rights that this library uses, beside the applications' own commands.",
  remedy: 'ACL SETUSER {user} {rights}, at {at}; docs/security.md says what each is for',
  find: (examination) => gaps(examination, 'client')
}

const NOBODY = 'nobody'

export const usersDiffer: Rule = {
  code: 'users-differ',
  severity: 'warning',
  meaning:
    'Nodes have different ACL users, passwords or rights, which are not replicated: after a failover somebody is refused.',
  remedy: 'ACL SETUSER {user} with the same rules at every node, then ACL SAVE or CONFIG REWRITE there',
  find: (examination) => {
    const nodes = readNodes(examination).flatMap(({ key, facts: { accounts } }) =>
      accounts === undefined ? [] : [{ key, users: accounts.users }]
    )
    const names = [...new Set(nodes.flatMap(({ users }) => [...users.keys()]))]
    return names.flatMap((user) => {
      const kinds = tally(nodes, ({ users }) => users.get(user) ?? NOBODY)
      if (kinds.size < 2) return []
      const at = (print: string): string => (kinds.get(print) ?? []).join(', ')
      const there = [...kinds.keys()].filter((print) => print !== NOBODY).map(at)
      const absent = kinds.has(NOBODY) ? `; not at ${at(NOBODY)}` : ''
      return [{ evidence: `ACL LIST: ${user} is at ${there.join(', and another one at ')}${absent}`, fill: { user } }]
    })
  }
}

const EVERYWHERE = ['*', '0.0.0.0', '::', '-::*', '::*']

export const openToAll: Rule = {
  code: 'open-to-all',
  severity: 'warning',
  meaning:
    'A node listens at every address, without a password, without protected-mode and without asking for a certificate: whoever reaches the port reads and deletes everything.',
  remedy:
    'requirepass <password> and masterauth <password> at every node with sentinel auth-pass {name} <password> at every sentinel, or bind <address>, at {at}',
  find: (examination) =>
    readNodes(examination).flatMap(({ key, facts: { config, accounts } }) =>
      accounts?.open === true &&
      config?.protectedMode === false &&
      !config.certifiedClientsOnly &&
      (config.bind.length === 0 || config.bind.some((address) => EVERYWHERE.includes(address)))
        ? [
            {
              at: key,
              evidence: `CONFIG GET says bind "${config.bind.join(' ')}" and protected-mode no; ACL LIST: the default user needs no password`,
              fill: { at: key }
            }
          ]
        : []
    )
}

export const protectedMode: Rule = {
  code: 'protected-mode',
  severity: 'error',
  meaning:
    'A node has protected-mode on and no password: it serves its own machine alone and refuses every other with DENIED.',
  remedy:
    'requirepass <password> and masterauth <password> at every node, or, in a network of your own, CONFIG SET protected-mode no, at {at}',
  find: (examination) => [...denials(examination), ...shutNodes(examination)]
}

function denials({ nodes }: Examination): Sign[] {
  return nodes.flatMap((node) => {
    const said = denialBy(node)
    return said === undefined ? [] : [{ at: node.key, evidence: `from here: ${said}`, fill: { at: node.key } }]
  })
}

function shutNodes(examination: Examination): Sign[] {
  // What comes from 127.0.0.0/8 or ::1 is served: nobody else has to be, where all of the group are there.
  if (announcedServers(examination).every(({ host }) => isLoopback(host))) return []
  return readNodes(examination).flatMap(({ key, facts: { version, config, accounts } }) =>
    accounts?.open === true && config?.protectedMode === true && isShut(version, config)
      ? [
          {
            at: key,
            evidence: 'CONFIG GET protected-mode says yes; ACL LIST: the default user needs no password',
            fill: { at: key }
          }
        ]
      : []
  )
}

/** Until Redis 6.2 protected-mode refuses nobody where a `bind` is given: its `src/networking.c`, `bindaddr_count == 0`. */
function isShut(version: string | undefined, { bind }: NodeConfig): boolean {
  return bind.length === 0 || Number.parseInt(version ?? '', 10) >= 7
}

export const notExamined: Rule = {
  code: 'not-examined',
  severity: 'note',
  meaning: 'A server did not answer all questions, so that some findings were not looked for there.',
  remedy:
    'NOPERM: give doctor a user who may, +info +config|get +acl|list +acl|dryrun +client|list at nodes, +info and +sentinel at sentinels; "unknown": that server is too old for the question, and no user helps (ACL DRYRUN: Redis 7.0, SENTINEL CONFIG GET: 6.2), or the command was renamed there; timed out: ask again, with a longer --timeout',
  find: (examination) =>
    [...readSentinels(examination), ...readNodes(examination)].flatMap(({ key, facts: { refused } }) =>
      refused.length === 0 ? [] : [{ at: key, evidence: [...new Set(refused)].join('; ') }]
    )
}
