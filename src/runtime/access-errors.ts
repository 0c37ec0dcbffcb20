import { AccessError } from '../errors.js'
import { accessNames } from '../options/access.js'
import type { AccessReason, Hop } from '../protocol/access.js'
import { refusedAccess } from '../protocol/access.js'
import type { Address, Route } from '../protocol/address.js'
import { formatAddress, formatRoute } from '../protocol/address.js'

/** What happened, and where. */
export interface AccessFailure {
  readonly hop: Hop
  readonly reason: AccessReason
  /** The server; undefined when it is not about one of them. */
  readonly route?: Route | undefined
  /** What it said or did, in words that follow its name. */
  readonly what: string
  readonly cause?: unknown
}

export function accessError({ hop, reason, route, what, cause }: AccessFailure): AccessError {
  const remedy = REMEDIES[reason](hop)
  const who = route === undefined ? `at the ${hop}s: ` : `the ${hop} ${formatRoute(route)} `
  return new AccessError(`${who}${what}. ${remedy}`, {
    stage: 'discovering',
    endpoint: route?.announced,
    reason,
    hop,
    remedy,
    cause
  })
}

/**
 * A call was refused for a right that the user lacks: the error stays what it is, ioredis's ReplyError that begins with the server's words,
 * and says behind them who said so, and what to do.
 */
export function explainRefusal(error: Error & { hop?: Hop; endpoint?: string }, node: Address | undefined): void {
  if (node === undefined || error.hop !== undefined || refusedAccess(error.message) !== 'no-permission') return
  error.hop = 'node'
  error.endpoint = formatAddress(node)
  error.message += ` (says the node ${error.endpoint}. ${REMEDIES['no-permission']('node')})`
}

function secrets(hop: Hop): string {
  const { username, password, credentials } = accessNames(hop)
  return `"${username}" and "${password}" (or what "${credentials}" gives)`
}

function tls(hop: Hop): string {
  return `"${accessNames(hop).tls}"`
}

const REMEDIES: Readonly<Record<AccessReason, (hop: Hop) => string>> = {
  'wrong-password': (hop) =>
    `Check the options ${secrets(hop)}: they are those of the ${hop}s, and ACL LIST there tells the users.`,
  'no-password': (hop) => `Give the options ${secrets(hop)}: it lets nobody in without.`,
  'no-permission': (hop) =>
    `Give the user that right by ACL SETUSER: docs/security.md lists what is needed at the ${hop}s.`,
  'unknown-issuer': (hop) =>
    `Give the certificate of the authority that issued it: option ${tls(hop)}, { ca }; while authorities change, both of them.`,
  'wrong-name': (hop) =>
    hop === 'node'
      ? `The name to be verified is the one that the sentinels announce: have them announce names (resolve-hostnames, announce-hostnames, and replica-announce-ip at the nodes), put that name into the certificate, or give ${tls(hop)} a servername.`
      : `The name to be verified is the one in the option "sentinels", or the one that the sentinel announces: give them by name, have them announce names (announce-hostnames, announce-ip), put that name into the certificate, or give ${tls(hop)} a servername.`,
  expired: () =>
    'Renew the certificate, and have the server load it: CONFIG SET tls-cert-file, or a restart of a sentinel.',
  'not-yet-valid': () => 'Compare the clocks of both machines, and the dates in the certificate.',
  'bad-certificate': (hop) => `Look at the certificate by: openssl s_client -connect; option ${tls(hop)}.`,
  'client-certificate': (hop) =>
    `It wants a certificate of this client that it trusts: option ${tls(hop)}, { cert, key }, or tls-auth-clients no at the server.`,
  'needs-tls': (hop) => `It speaks TLS there: give the option ${tls(hop)}, or the port that speaks none.`,
  'no-tls': (hop) => `It speaks no TLS there: leave out the option ${tls(hop)}, or give its tls-port.`,
  'protected-mode': () => 'Give it a password or a user, or protected-mode no.',
  'credentials-failed': () => 'It is called again a little later.',
  'tls-failed': (hop) => `It is tried again a little later: option ${tls(hop)}.`
}
