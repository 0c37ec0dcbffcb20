import type { FailoverRefusal } from '../../protocol/failover-reply.js'

/** What to do about a sentinel's refusal. */
export const REMEDIES: Readonly<Record<FailoverRefusal, string>> = {
  'under-way': 'Another failover of the group is under way: wait for it to end.',
  'nobody-fit':
    'No replica is fit to be promoted in its eyes: it wants one that is up, connected, of a replica-priority other than 0, and whose INFO it had in the last 30 s.',
  'unknown-name': 'SENTINEL MASTERS tells the names that it knows.',
  'not-allowed': 'The user at the sentinels needs +sentinel (or +sentinel|failover).',
  'unknown-words': 'This server does not know the command in this form.',
  other: 'Whether it has begun a failover is not known.'
}

export const NEEDED_RIGHTS =
  'A coordinated failover needs +info +client|pause +client|unpause +client|kill +replicaof there (on Redis 6: +client), +config|rewrite if the new role is to be written down, and +sentinel at the sentinels.'
