// Checked by tsc alone (`npm test -- --only types`), never run: what the compiler must accept, infer and refuse.
import type { ChainableCommander, Redis, ScanStream } from 'ioredis'
import type {
  Address,
  AnySentinelRedis,
  ConflictError,
  FailoverTimeline,
  SentinelError,
  SentinelErrorCode,
  SentinelRedisOptions,
  SessionLost,
  SubscribeTo,
  Topology,
  Transaction
} from 'ioredis-sentinel'
import { SentinelRedis } from 'ioredis-sentinel'
import { instrument } from 'ioredis-sentinel/opentelemetry'
import { collectMetrics } from 'ioredis-sentinel/prometheus'
import { expectTypeOf } from 'vitest'

export function isAnIoredisClient(redis: SentinelRedis): Redis {
  expectTypeOf(redis.set('key', 'value')).resolves.toEqualTypeOf<'OK'>()
  expectTypeOf(redis.get('key')).resolves.toEqualTypeOf<string | null>()
  return redis
}

export function typesItsEvents(redis: SentinelRedis): void {
  expectTypeOf(redis.topology).toEqualTypeOf<Topology>()
  redis.on('topology', (topology) => expectTypeOf(topology).toEqualTypeOf<Topology>())
  redis.on('failover', (timeline) => expectTypeOf(timeline).toEqualTypeOf<FailoverTimeline>())
  redis.on('subscription-gap', ({ channels, lengthMs, from, to }) => {
    expectTypeOf([from, to]).toEqualTypeOf<Address[]>()
    expectTypeOf(channels).toEqualTypeOf<readonly string[]>()
    expectTypeOf(lengthMs).toBeNumber()
  })
  redis.on('session-lost', (lost) => expectTypeOf(lost).toEqualTypeOf<SessionLost>())
  redis.once('primary-changed', ({ to }) => expectTypeOf(to.confirmed).toEqualTypeOf<boolean>())
}

export function givesItselfWhereItIsListenedTo(options: SentinelRedisOptions): SentinelRedis {
  const redis: SentinelRedis = new SentinelRedis(options).on('error', (error) =>
    expectTypeOf(error).toEqualTypeOf<Error>()
  )
  expectTypeOf(redis.on('ready', () => undefined).topology).toEqualTypeOf<Topology>()
  expectTypeOf(redis.once('end', () => undefined)).toEqualTypeOf<SentinelRedis>()
  redis.on('pmessage', (...parts) =>
    expectTypeOf(parts).toEqualTypeOf<[pattern: string, channel: string, message: string]>()
  )
  return redis.on('messageBuffer', (channel) => expectTypeOf(channel).toEqualTypeOf<Buffer>()).on('any-other', () => 1)
}

export function typesTheRestartOfAScanStream(redis: SentinelRedis): ScanStream {
  return redis
    .hscanStream('key', { count: 10 })
    .on('restart', ({ command, key, cursor }) => {
      expectTypeOf(command).toEqualTypeOf<'scan' | 'hscan' | 'sscan' | 'zscan'>()
      expectTypeOf(key).toEqualTypeOf<string | undefined>()
      expectTypeOf(cursor).toBeString()
    })
    .once('end', () => undefined)
}

export function typesRepliesByReplyMapping(options: SentinelRedisOptions): void {
  const url = 'redis+sentinel://localhost:26379/mymaster'
  const mapped = new SentinelRedis({ ...options, replyMapping: 'resp3' })
  expectTypeOf(mapped).toEqualTypeOf<SentinelRedis<'resp3'>>()
  expectTypeOf(mapped).toExtend<Redis<'resp3'>>()
  expectTypeOf(mapped.zscore('key', 'member')).resolves.toEqualTypeOf<number | null>()
  expectTypeOf(mapped.multi().zscore('key', 'member')).toEqualTypeOf<ChainableCommander<'resp3'>>()
  expectTypeOf(mapped.pipeline()).toEqualTypeOf<ChainableCommander<'resp3'>>()
  expectTypeOf(mapped.with({ deadlineMs: 1 })).toEqualTypeOf<SentinelRedis<'resp3'>>()
  expectTypeOf(mapped.duplicate({ db: 1 })).toEqualTypeOf<SentinelRedis<'resp3'>>()
  expectTypeOf(mapped.duplicate({ replyMapping: 'legacy' })).toEqualTypeOf<SentinelRedis>()
  expectTypeOf(mapped.on('ready', () => undefined)).toEqualTypeOf<SentinelRedis<'resp3'>>()
  void mapped.transaction((tx) => {
    expectTypeOf(tx).toEqualTypeOf<Transaction<'resp3'>>()
    expectTypeOf(tx.zscore('key', 'member')).resolves.toEqualTypeOf<number | null>()
    expectTypeOf(tx.multi()).toEqualTypeOf<ChainableCommander<'resp3'>>()
  })
  expectTypeOf(new SentinelRedis(url, { replyMapping: 'resp3' })).toEqualTypeOf<SentinelRedis<'resp3'>>()
  expectTypeOf(SentinelRedis.createClient({ ...options, replyMapping: 'resp3' })).toEqualTypeOf<
    SentinelRedis<'resp3'>
  >()
  // What is not known where it is made is told by the caller, or taken for ioredis's default.
  expectTypeOf(new SentinelRedis<'resp3'>(options)).toEqualTypeOf<SentinelRedis<'resp3'>>()
  expectTypeOf(new SentinelRedis(options)).toEqualTypeOf<SentinelRedis>()
  expectTypeOf(new SentinelRedis({ ...options, replyMapping: 'legacy' })).toEqualTypeOf<SentinelRedis>()
  expectTypeOf(new SentinelRedis(options).zscore('key', 'member')).resolves.toEqualTypeOf<string | null>()
  expectTypeOf(mapped).toExtend<AnySentinelRedis>()
  expectTypeOf<SentinelRedis>().toExtend<AnySentinelRedis>()
  collectMetrics(mapped)
  instrument(mapped)
  // @ts-expect-error its replies are not those that are expected of it
  const redis: Redis = mapped
  expectTypeOf(redis).toEqualTypeOf<Redis>()
  // @ts-expect-error there is no such form
  new SentinelRedis({ ...options, replyMapping: 'resp2' })
}

export function handsSessionsOver(redis: SentinelRedis): void {
  expectTypeOf(redis.session()).resolves.toBeString()
  expectTypeOf(redis.with({ session: 'token' })).toEqualTypeOf<SentinelRedis>()
  // @ts-expect-error a token is asked for, not made of numbers
  redis.with({ session: 12 })
}

export function typesTransactions(redis: SentinelRedis): void {
  const given = redis.transaction(async (tx) => {
    expectTypeOf(tx).toEqualTypeOf<Transaction>()
    expectTypeOf(tx.get('key')).resolves.toEqualTypeOf<string | null>()
    expectTypeOf(tx.getBuffer('key')).resolves.toEqualTypeOf<Buffer | null>()
    expectTypeOf(tx.hgetall('key')).resolves.toEqualTypeOf<Record<string, string>>()
    expectTypeOf(tx.watch('a', Buffer.from('b'))).resolves.toEqualTypeOf<'OK'>()
    expectTypeOf(tx.multi().set('key', 1)).toEqualTypeOf<ChainableCommander>()
    // Writes stand in multi(), and a transaction neither waits for others nor listens.
    expectTypeOf(tx).not.toHaveProperty('set')
    expectTypeOf(tx).not.toHaveProperty('blpop')
    expectTypeOf(tx).not.toHaveProperty('subscribe')
    expectTypeOf(tx).not.toHaveProperty('exec')
    await tx.multi().exec()
    return 7
  })
  expectTypeOf(given).resolves.toBeNumber()
  expectTypeOf(redis.transaction(() => 'at once', { attempts: 3 })).resolves.toBeString()
  expectTypeOf(redis.with({ exactlyOnce: true }).transaction(() => 7)).resolves.toBeNumber()
  // @ts-expect-error a deadline is given by with()
  void redis.transaction(() => 7, { deadlineMs: 3 })
  expectTypeOf<ConflictError['keys']>().toEqualTypeOf<readonly string[]>()
  expectTypeOf<ConflictError['reason']>().toEqualTypeOf<'changed' | 'connection-lost'>()
}

export function mapsAddresses(): void {
  const least = { name: 'mymaster', sentinels: ['localhost'] }
  new SentinelRedis({ ...least, addressMap: { '10.0.0.1:6379': 'localhost:7001', 'a:1': { host: 'b', port: 1 } } })
  new SentinelRedis({ ...least, addressMap: { primary: { '10.0.0.1:6379': 'localhost:7001' } } })
  new SentinelRedis({
    ...least,
    addressMap: ({ host, port }, kind) => {
      expectTypeOf(kind).toEqualTypeOf<'sentinel' | 'primary' | 'replica'>()
      return kind === 'sentinel' ? `${host}:${port}` : kind === 'primary' ? { host, port } : undefined
    }
  })
  // @ts-expect-error it is asked at once
  new SentinelRedis({ ...least, addressMap: async () => 'localhost:7001' })
}

export function takesOptionsOrAUrl(): void {
  new SentinelRedis('redis+sentinel://localhost:26379/mymaster')
  new SentinelRedis({ name: 'mymaster', sentinels: ['localhost:26379', { host: 'localhost', port: 26380 }], db: 1 })
  new SentinelRedis({ name: 'mymaster', sentinels: ['localhost'], readOnlyCommands: ['json.get'] as const })
  new SentinelRedis({ name: 'mymaster', sentinels: ['localhost'], subscribeTo: 'replicaPreferred' })
  expectTypeOf<'primary' | 'replica' | 'replicaPreferred'>().toEqualTypeOf<SubscribeTo>()
  // @ts-expect-error subscriptions are at one node
  new SentinelRedis({ name: 'mymaster', sentinels: ['localhost'], subscribeTo: 'any' })
  // @ts-expect-error a group has a name
  new SentinelRedis({ sentinels: ['localhost:26379'] })
  // @ts-expect-error there is no such option
  new SentinelRedis({ name: 'mymaster', sentinels: ['localhost:26379'], preferredSlaves: [] })
  // @ts-expect-error there is no such policy
  new SentinelRedis({ name: 'mymaster', sentinels: ['localhost:26379'], readFrom: 'replicas' })
}

export function tellsErrorsApartByCode(error: SentinelError): void {
  expectTypeOf(error.code).toEqualTypeOf<SentinelErrorCode>()
  // @ts-expect-error there is no such code
  if (error.code === 'TIMEOUT') return
}
