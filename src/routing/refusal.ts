import type { Address } from '../protocol/address.js'
import { parsePort } from '../protocol/address.js'

/**
 * Why a node refused a command before executing any of it, so that the command may be sent again.
 * `demoted`: READONLY, the node is a replica. `loading`: it is reading its data from disk or from the primary.
 * `stale`: MASTERDOWN, a replica without its primary that may not serve old data. `no-replicas`: NOREPLICAS, a primary with
 * `min-replicas-to-write` and too few of them. `cluster-down`, `try-again`: a cluster that is being changed.
 * `unblocked`: a blocking call was ended because the node became a replica. `redirected`: REDIRECT, see redirectTarget.
 */
export type Refusal =
  'demoted' | 'loading' | 'stale' | 'no-replicas' | 'cluster-down' | 'try-again' | 'unblocked' | 'redirected'

// The first word alone proves nothing: a script may answer redis.error_reply('READONLY account is frozen') after it wrote,
// and UNBLOCKED is also said for CLIENT UNBLOCK … ERROR and for a deleted stream, where the caller has to know. So the
// server's own text has to follow; LOADING holds the vendor's name.
const REFUSALS: readonly (readonly [RegExp, Refusal])[] = [
  [/^READONLY You can't write against a read only /, 'demoted'],
  [/^LOADING \S+ is loading the dataset in memory/, 'loading'],
  [/^MASTERDOWN Link with /, 'stale'],
  [/^NOREPLICAS Not enough good replicas to write/, 'no-replicas'],
  [/^CLUSTERDOWN (?:The cluster is down|Hash slot not served)/, 'cluster-down'],
  [/^TRYAGAIN Multiple keys request during rehashing of slot/, 'try-again'],
  [/^UNBLOCKED force unblock from blocking operation, instance state changed/, 'unblocked'],
  [/^REDIRECT \S+:\d+$/, 'redirected']
]

/** A script or a module's command holds the node up, and it refuses all others: tells nothing of a write that the busy script made. */
export function isBusy(message: string): boolean {
  return /^BUSY \S+ is busy /.test(message)
}

// EXEC that finds the node changed since MULTI repeats the refusal; "because of previous errors" leaves the reason to the
// replies of the queued commands.
const ABORTED = 'EXECABORT Transaction discarded because of: '

// What a script makes of it by error(reply.err); Redis before 7 also for every redis.call:
// "ERR Error running script (call to f_<sha>): @user_script:1: @user_script: 1: -READONLY You can't …".
const RETHROWN = /^ERR .*\buser_script: ?\d+: -?(READONLY .*)/s

/**
 * The refusal that an error reply proves, or undefined when the command may have had an effect.
 *
 * From inside a script too: READONLY and MASTERDOWN come from a replica, where none of its earlier calls can have written,
 * and NOREPLICAS is checked at a script's first write only (script.c, scriptVerifyWriteCommandAllow). What it published
 * before that has been published.
 */
export function refusalOf(message: string): Refusal | undefined {
  const plain = unwrap(message)
  return REFUSALS.find(([text]) => text.test(plain))?.[1]
}

/** Where a `REDIRECT host:port` reply points (Valkey ≥ 8, after CLIENT CAPA redirect); undefined for any other message. */
export function redirectTarget(message: string): Address | undefined {
  const groups = /^REDIRECT (?<host>\S+):(?<port>\d+)$/.exec(unwrap(message))?.groups
  const port = parsePort(groups?.['port'])
  // The server writes an IPv6 host without brackets.
  const host = groups?.['host']?.replace(/^\[(.*)\]$/, '$1')
  return host === undefined || host === '' || port === undefined ? undefined : { host, port }
}

function unwrap(message: string): string {
  if (message.startsWith(ABORTED)) return message.slice(ABORTED.length)
  return RETHROWN.exec(message)?.[1] ?? message
}
