import type { RedisOptions } from 'ioredis'
import type { Target } from './target.js'
import { nodeCredentialsIn, sentinelCredentialsIn } from './url-credentials.js'

/** As whom a server is asked, and how. */
export type ServerAccess = Pick<RedisOptions, 'username' | 'password' | 'tls'>

/** User, password and TLS for the sentinels, from the options or, where they say nothing, from the URL. */
export function sentinelAccess({ url, options }: Target): ServerAccess {
  const inUrl = sentinelCredentialsIn(url ?? '')
  return access(
    options.sentinelUsername ?? inUrl.username,
    options.sentinelPassword ?? inUrl.password,
    options.sentinelTls ?? isSecured(url)
  )
}

/** The same for the nodes. */
export function nodeAccess({ url, options }: Target): ServerAccess {
  const inUrl = nodeCredentialsIn(url ?? '')
  return access(options.username ?? inUrl.username, options.password ?? inUrl.password, options.tls ?? isSecured(url))
}

function isSecured(url: string | undefined): boolean {
  return url?.toLowerCase().startsWith('rediss') ?? false
}

function access(
  username: string | undefined,
  password: string | undefined,
  tls: Exclude<Target['options']['tls'], undefined>
): ServerAccess {
  return {
    ...(username !== undefined && username !== '' && { username }),
    ...(password !== undefined && password !== '' && { password }),
    ...(tls !== false && { tls: tls === true ? {} : tls })
  }
}
