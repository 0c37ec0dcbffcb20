import type { ConnectionOptions } from 'node:tls'
import type { AccessOptions, TlsFunction } from '../options/access.js'
import { accessNames, unfitTls } from '../options/access.js'
import type { Hop } from '../protocol/access.js'
import type { Route } from '../protocol/address.js'
import { accessError } from './access-errors.js'
import type { CredentialSource } from './credential-source.js'
import { credentialsOf, fixedCredentials } from './credential-source.js'
import { withinTime } from './within-time.js'

/** How this client enters the servers of one hop. */
export interface Access {
  readonly hop: Hop
  readonly credentials: CredentialSource
  readonly usesTls: boolean
  /** For one new connection. Not a promise where nothing has to be waited for. Rejects with AccessError. */
  tls(route: Route): ConnectionOptions | undefined | Promise<ConnectionOptions>
}

/** The longest that a function may take. */
const ANSWER_WITHIN_MS = 10_000

export function accessOf({ hop, credentials, tls }: AccessOptions): Access {
  return {
    hop,
    credentials: typeof credentials === 'function' ? credentialsOf(credentials, hop) : fixedCredentials(credentials),
    usesTls: tls !== undefined,
    tls: typeof tls === 'function' ? (route) => askedTls(tls, hop, route) : () => tls
  }
}

async function askedTls(ask: TlsFunction, hop: Hop, route: Route): Promise<ConnectionOptions> {
  const failed = (what: string, cause?: unknown): Error =>
    accessError({ hop, reason: 'tls-failed', route, what: `is not connected to: ${what}`, cause })
  const name = `the function of the option "${accessNames(hop).tls}"`
  let given: unknown
  try {
    given = await withinTime(ANSWER_WITHIN_MS, (signal) => ask({ hop, ...route, signal }))
  } catch (error) {
    throw failed(`${name} failed: ${error instanceof Error ? error.message : String(error)}`, error)
  }
  const unfit = unfitTls(given)
  if (unfit !== undefined) throw failed(`${name} ${unfit}`)
  return given as ConnectionOptions
}
