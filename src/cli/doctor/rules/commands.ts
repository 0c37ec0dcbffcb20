import { readNodes } from '../chosen.js'
import type { Rule } from '../rule.js'

/** Redis `src/sentinel.c`: the last four are one transaction, which makes a node the primary, and who does not answer the others is not chosen. */
const INDISPENSABLE = ['ping', 'info', 'subscribe', 'exec', 'slaveof', 'config', 'client']

export const commandRenamed: Rule = {
  code: 'command-renamed',
  severity: 'warning',
  meaning:
    'A node does not know a command that sentinels send (rename-command): what one that was not told its new name does with it fails there, a failover to that node, as a rule.',
  remedy:
    'SENTINEL SET {name} rename-command {command} <new name>, at every sentinel; one new name at all nodes, and where there is none (rename-command {command} ""), give it one in redis.conf of {at} and start that again',
  find: (examination) =>
    readNodes(examination).flatMap(({ key, facts: { renamed } }) =>
      renamed.map(({ command, said }) => {
        const cost = INDISPENSABLE.includes(command.toLowerCase())
          ? '; unless every sentinel was told its new name, no failover to it succeeds'
          : ''
        return { at: key, evidence: said.trimEnd() + cost, fill: { at: key, command } }
      })
    )
}
