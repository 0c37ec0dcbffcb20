import { isSameRun } from './chosen.js'
import type { Examined, ExaminedNode, NodeFacts, ShutOut } from './examination.js'
import type { Fields } from './read-info.js'
import { readRules } from './read-node.js'

/** How a node logs in to another one, and who may log in to it. With hashes of passwords: it lives until they have been compared. */
export interface Logins {
  /** Absent where it has no password to give, or none that can be compared. Without a user (`masteruser`), AUTH has the password alone. */
  readonly own?: { readonly user?: string; readonly passwordHash: string }
  /** By user, its rules; absent where they were not told. */
  readonly users?: ReadonlyMap<string, readonly string[]>
}

export type NodeReading = Omit<NodeFacts, 'shutOut'> & { readonly logins: Logins }

/** From the answers to CONFIG GET and ACL LIST, undefined where there was none. `sha256` is what the server keeps of a password. */
export function readLogins(
  config: Fields | undefined,
  aclLines: readonly string[] | undefined,
  sha256: (text: string) => string
): Logins {
  const password = config?.get('masterauth') ?? ''
  const user = config?.get('masteruser') ?? ''
  // Bytes that are no UTF-8 have become this on the way here, and the hash would be another one.
  const comparable = password !== '' && !password.includes('\uFFFD')
  return {
    ...(comparable && { own: { ...(user !== '' && { user }), passwordHash: sha256(password) } }),
    ...(aclLines !== undefined && { users: readRules(aclLines) })
  }
}

/** Looks for nodes that would not let another one in as their replica, and keeps of the passwords nothing but that. */
export function comparedLogins(nodes: readonly Examined<NodeReading>[]): ExaminedNode[] {
  return nodes.map((node) => {
    if (!('facts' in node)) return node
    const { logins, ...facts } = node.facts
    const shutOut = nodes.flatMap((other): ShutOut[] => {
      if (!('facts' in other) || other.key === node.key || isSameRun(facts, other.facts)) return []
      const because = whyShut(logins.own, other.facts.logins.users)
      return because === undefined ? [] : [{ key: other.key, because }]
    })
    return { ...node, facts: { ...facts, shutOut } }
  })
}

/** Redis `src/acl.c` ACLCheckUserCredentials(), and before it authCommand(); an error there ends the attempt of a replica: `src/replication.c`. */
function whyShut(own: Logins['own'], users: Logins['users']): string | undefined {
  if (own === undefined || users === undefined) return undefined
  const rules = users.get(own.user ?? 'default')
  if (rules === undefined) return 'no such user'
  if (own.user === undefined && rules.includes('nopass')) return 'nopass, with which AUTH without a user is refused'
  if (rules.includes('off')) return 'the user is off'
  return rules.includes('nopass') || rules.includes(`#${own.passwordHash}`) ? undefined : 'none of its passwords'
}
