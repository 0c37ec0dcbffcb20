import type { RedisOptions } from 'ioredis'
import type { Target } from './target.js'

/** As whom a server is asked, and how. */
export type ServerAccess = Pick<RedisOptions, 'username' | 'password' | 'tls'>

/** User, password and TLS for the sentinels, from the options or, where they say nothing, from the URL. */
export function sentinelAccess({ url, options }: Target): ServerAccess {
  const query = new URLSearchParams(url?.split('?')[1] ?? '')
  return access(
    options.sentinelUsername ?? query.get('sentinelUsername'),
    options.sentinelPassword ?? query.get('sentinelPassword'),
    options.sentinelTls ?? isSecured(url)
  )
}

/** The same for the nodes. */
export function nodeAccess({ url, options }: Target): ServerAccess {
  const authority = /^[^/]*\/\/([^/?#]*)/.exec(url ?? '')?.[1] ?? ''
  const user = authority.includes('@') ? authority.slice(0, authority.lastIndexOf('@')) : ''
  const colon = user.indexOf(':')
  const [name, secret] = colon === -1 ? [user, ''] : [user.slice(0, colon), user.slice(colon + 1)]
  return access(
    options.username ?? decodeURIComponent(name),
    options.password ?? decodeURIComponent(secret),
    options.tls ?? isSecured(url)
  )
}

function isSecured(url: string | undefined): boolean {
  return url?.toLowerCase().startsWith('rediss') ?? false
}

function access(
  username: string | null | undefined,
  password: string | null | undefined,
  tls: Exclude<Target['options']['tls'], undefined>
): ServerAccess {
  return {
    ...(username != null && username !== '' && { username }),
    ...(password != null && password !== '' && { password }),
    ...(tls !== false && { tls: tls === true ? {} : tls })
  }
}
