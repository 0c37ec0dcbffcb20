import { readNodes, tally } from '../chosen.js'
import type { ShutOut } from '../examination.js'
import type { Rule } from '../rule.js'

export const primaryPasswordMissing: Rule = {
  code: 'primary-password-missing',
  severity: 'error',
  meaning:
    'A node has no masterauth, and another one requires a password: it cannot replicate from that one, now or after the next failover.',
  remedy:
    'CONFIG SET masterauth <password> (with an ACL user also CONFIG SET masteruser <user>) and CONFIG REWRITE, at {at}',
  find: (examination) => {
    const closed = readNodes(examination).filter(({ facts }) => facts.accounts?.open === false)
    return readNodes(examination).flatMap(({ key, facts: { config } }) => {
      const others = closed.filter((node) => node.key !== key).map((node) => node.key)
      return config === undefined || config.hasPrimaryPassword || others.length === 0
        ? []
        : [
            {
              at: key,
              evidence: `CONFIG GET masterauth is empty; ACL LIST: the default user needs a password at ${others.join(', ')}`,
              fill: { at: key }
            }
          ]
    })
  }
}

export const primaryPasswordWrong: Rule = {
  code: 'primary-password-wrong',
  severity: 'error',
  meaning:
    'What a node gives as its password to its primary (masterauth) does not let it in at another node: it cannot replicate from that one, now or after the next failover.',
  remedy:
    'CONFIG SET masterauth <password> (with an ACL user also CONFIG SET masteruser <user>) and CONFIG REWRITE, at {at}; or give the user the same password at every node; nopass lets in who names the user: CONFIG SET masteruser default',
  find: (examination) =>
    readNodes(examination).flatMap(({ key, facts: { config, shutOut } }) =>
      shutOut.length === 0
        ? []
        : [
            {
              at: key,
              evidence: `CONFIG GET masterauth for the user ${config?.primaryUser || 'default'}, by ACL LIST: ${reasons(shutOut)}`,
              fill: { at: key }
            }
          ]
    )
}

function reasons(shutOut: readonly ShutOut[]): string {
  return [...tally(shutOut, ({ because }) => because)]
    .map(([because, keys]) => `${because} at ${keys.join(', ')}`)
    .join('; ')
}
