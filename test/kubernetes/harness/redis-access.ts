import type { AskTarget } from './child/protocol.js'
import type { Cluster } from './cluster.js'

export interface Access {
  node(host: string): AskTarget
  sentinel(host: string): AskTarget
}

/** How the harness itself comes in: by the passwords of the Secret, and by TLS where there are certificates. */
export function accessOf(cluster: Cluster): Access {
  const secret = cluster.objects.secret('redis-auth') ?? {}
  const text = (key: string): string | undefined => secret[key]?.toString('utf8')
  return {
    node: (host) => ({ host, port: 6379, user: 'default', password: text('user-default') }),
    sentinel: (host) => ({ host, port: 26_379, password: text('sentinel-password') })
  }
}
