// Checked by tsc alone (`npm test -- --only types`), never run: what the compiler must accept, infer and refuse.
import type { AccessReason, CredentialsFunction, GivenCredentials, Hop, TlsFunction } from 'ioredis-sentinel'
import { AccessError, SentinelRedis } from 'ioredis-sentinel'
import type { ConnectionOptions } from 'node:tls'
import { expectTypeOf } from 'vitest'

const GROUP = { name: 'mymaster', sentinels: ['localhost:26379'] }

export function takesFunctionsForBothHops(ca: string): void {
  const vault: CredentialsFunction = async ({ hop, signal }) => {
    expectTypeOf(hop).toEqualTypeOf<'node' | 'sentinel'>()
    expectTypeOf(signal).toEqualTypeOf<AbortSignal>()
    return Promise.resolve({ username: 'app', password: 'pw', refreshAfterMs: 60_000 })
  }
  const tls: TlsFunction = ({ announced, reached }) => ({ ca, servername: `${announced.host}.${reached.port}` })
  new SentinelRedis({ ...GROUP, credentials: vault, sentinelCredentials: () => ({ password: 'pw' }) })
  new SentinelRedis({ ...GROUP, tls, sentinelTls: async () => Promise.resolve({ ca }) })
  new SentinelRedis({ ...GROUP, tls: true, sentinelTls: { ca } })
  // @ts-expect-error credentials that never change are username and password
  new SentinelRedis({ ...GROUP, credentials: { password: 'pw' } })
  // @ts-expect-error there is no user without a password
  new SentinelRedis({ ...GROUP, credentials: () => ({ username: 'app' }) })
  // @ts-expect-error a certificate alone is no options
  new SentinelRedis({ ...GROUP, tls: () => ca })
}

export function givesWhatItSays(redis: SentinelRedis, error: unknown): void {
  expectTypeOf(redis.reauthenticate()).resolves.toBeVoid()
  expectTypeOf<ReturnType<CredentialsFunction>>().toEqualTypeOf<GivenCredentials | Promise<GivenCredentials>>()
  expectTypeOf<ReturnType<TlsFunction>>().toEqualTypeOf<ConnectionOptions | Promise<ConnectionOptions>>()
  if (!(error instanceof AccessError)) return
  expectTypeOf(error.reason).toEqualTypeOf<AccessReason>()
  expectTypeOf(error.hop).toEqualTypeOf<Hop>()
  expectTypeOf(error.remedy).toBeString()
}
