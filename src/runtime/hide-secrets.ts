import type { RedisOptions } from 'ioredis'
import type { ConnectionOptions } from 'node:tls'
import { inspect } from 'node:util'
import { ConfigurationError } from '../errors.js'
import type { ResolvedOptions } from '../options.js'
import type { ChangeableCredentials, Credentials } from '../protocol/handshake.js'

/**
 * What ioredis keeps in `redis.options`, and libraries may read there: it is there, and neither password nor TLS options show when the
 * options are printed, nor in JSON, nor in a copy by spread. Another user or password that is set there is that of the next connections to
 * nodes, and of duplicate(), as in ioredis. `others`: what else has a copy of them at that moment.
 */
export function hideAccess(
  options: RedisOptions,
  { node, given }: Pick<ResolvedOptions, 'node' | 'given'>,
  others: () => readonly ChangeableCredentials[]
): void {
  const { credentials, tls } = node
  if (typeof credentials !== 'function') {
    const held = (): readonly ChangeableCredentials[] => [credentials, given, ...others()]
    keepCredential(options, 'username', credentials, held, true)
    keepCredential(options, 'password', credentials, held, false)
  }
  const shownTls: ConnectionOptions | undefined = typeof tls === 'function' ? {} : tls
  if (shownTls !== undefined) {
    Object.defineProperty(options, 'tls', { value: shownTls, enumerable: false, writable: true, configurable: true })
  }
  // Whoever asks for hidden properties too does not get these.
  Object.defineProperty(options, inspect.custom, { value: () => ({ ...options }), enumerable: false })
}

function keepCredential(
  options: RedisOptions,
  name: keyof Credentials,
  used: Credentials,
  held: () => readonly ChangeableCredentials[],
  enumerable: boolean
): void {
  Object.defineProperty(options, name, {
    // ioredis's default.
    get: () => used[name] ?? null,
    set: (value: unknown) => {
      if (value !== undefined && value !== null && typeof value !== 'string')
        throw new ConfigurationError(
          `redis.options.${name} is set to what is of type ${typeof value}; allowed is a text, or null for none`
        )
      for (const one of held()) one[name] = value || undefined
    },
    enumerable,
    configurable: true
  })
}
