import type { AskTarget } from './child/protocol.js'
import type { Cluster } from './cluster.js'

export interface Access {
  node(host: string): AskTarget
  sentinel(host: string): AskTarget
  /** The application's user and its key in the Secret redis-auth. */
  readonly application: { readonly user: string; readonly key: string }
  readonly tls: boolean
}

/** How the harness and its writer come in: as the mounted configuration says, with the passwords of the Secret. */
export function accessOf(cluster: Cluster): Access {
  const has = (file: string): boolean =>
    cluster.objects
      .all('ConfigMap')
      .some(({ metadata }) => cluster.objects.configMap(metadata.name)?.[file] !== undefined)
  const acl = has('users.acl')
  const tls = has('redis-tls.conf')
  const secret = cluster.objects.secret('redis-auth') ?? {}
  const password = (key: string): string | undefined => secret[key]?.toString('utf8')
  const ca = cluster.objects.secret('redis-tls')?.['ca.crt']?.toString('utf8')
  const layer = tls && ca !== undefined ? { tls: { ca } } : {}
  const user = acl ? 'probe' : 'default'
  return {
    node: (host) => ({ host, port: 6379, user, password: password(`user-${user}`), ...layer }),
    sentinel: (host) => ({ host, port: 26_379, password: password('sentinel-password'), ...layer }),
    application: acl ? { user: 'app', key: 'user-app' } : { user: 'default', key: 'user-default' },
    tls
  }
}
