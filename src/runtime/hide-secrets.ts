import type { RedisOptions } from 'ioredis'
import type { ConnectionOptions } from 'node:tls'
import { inspect } from 'node:util'
import type { AccessOptions } from '../options/access.js'

/**
 * What ioredis keeps in `redis.options`, and libraries may read there: it is there, and shows neither when the options are printed, nor
 * in JSON, nor in a copy by spread.
 */
export function hideAccess(options: RedisOptions, { credentials, tls }: AccessOptions): void {
  const { username, password } = typeof credentials === 'function' ? {} : credentials
  const shownTls: ConnectionOptions | undefined = typeof tls === 'function' ? {} : tls
  const hidden = { ...(password !== undefined && { password }), ...(shownTls !== undefined && { tls: shownTls }) }
  if (username !== undefined) options.username = username
  for (const [name, value] of Object.entries(hidden))
    Object.defineProperty(options, name, { value, enumerable: false, writable: true, configurable: true })
  // Whoever asks for hidden properties too does not get these.
  Object.defineProperty(options, inspect.custom, { value: () => ({ ...options }), enumerable: false })
}
