import type { SentinelRedis } from 'ioredis-sentinel'
import { DeadlineError } from 'ioredis-sentinel'
import { describe, expect, test } from 'vitest'
import { holds } from './support/client-view.js'
import { clientOf, outcome } from './support/clients.js'
import { useQuietTopology } from './support/quiet-topology.js'

const quiet = useQuietTopology({ replicas: 1 })

const client = (): SentinelRedis => clientOf(quiet.topology, { readFrom: 'primary' })

/** What is written now, and what is on the next connection, is in database 0. */
async function expectIn0(redis: SentinelRedis): Promise<void> {
  for (const value of ['now', 'on the next']) {
    expect(await redis.set('written', value)).toBe('OK')
    expect(await quiet.primary.command('GET', 'written')).toBe(value)
    redis.disconnect(true)
  }
}

describe('a SELECT in a transaction that is not executed moves nothing', () => {
  test('EXEC gives null, since a watched key was changed', async () => {
    await using redis = client()
    await redis.watch('w')
    await quiet.primary.command('SET', 'w', 'theirs')
    expect(await redis.multi().select(3).set('k', 'v').exec()).toBeNull()
    await expectIn0(redis)
  })

  test('EXEC is refused, since a command was', async () => {
    await using redis = client()
    await redis.ping()
    expect(await outcome(redis.multi().select(3).call('SET', 'k').exec())).toMatchObject({
      message: expect.stringMatching(/^EXECABORT/) as string
    })
    await expectIn0(redis)
  })

  test('it is discarded; what is issued behind DISCARD is for the database of before, too', async () => {
    await using redis = client()
    await redis.multi({ pipeline: false })
    await redis.select(3)
    const [, written] = await Promise.all([redis.discard(), redis.set('behind', 'yes')])
    expect(written).toBe('OK')
    expect(await quiet.primary.command('GET', 'behind')).toBe('yes')
    await expectIn0(redis)
  })

  test('the SELECT alone fails', async () => {
    await using redis = client()
    await redis.ping()
    const results = await redis.multi().select(3).select(99).set('k', 'v').exec()
    expect(results?.map(([error]) => error)).toEqual([null, expect.any(Error), null])
    expect(await redis.get('k')).toBe('v')
    redis.disconnect(true)
    expect(await redis.get('k')).toBe('v')
  })

  test('a later SELECT of the caller counts all the same', async () => {
    await using redis = client()
    await redis.watch('w')
    await quiet.primary.command('SET', 'w', 'theirs')
    const [result] = await Promise.all([redis.multi().select(3).exec(), redis.select(5)])
    expect(result).toBeNull()
    await redis.set('in', '5')
    await using other = clientOf(quiet.topology, { readFrom: 'primary', db: 5 })
    expect(await other.get('in')).toBe('5')
  })

  test('and one that is executed moves what comes after it', async () => {
    await using redis = client()
    expect(await redis.multi().select(3).set('k', 'v').exec()).toEqual([
      [null, 'OK'],
      [null, 'OK']
    ])
    expect(await redis.get('k')).toBe('v')
    redis.disconnect(true)
    expect(await redis.get('k')).toBe('v')
    expect(await quiet.primary.command('GET', 'k')).toBeNull()
  })
})

test('SELECTs that waited and ended here move nothing', async () => {
  await using redis = client()
  await redis.ping()
  await quiet.primary.freeze()
  try {
    const flying = redis.ping()
    await holds(redis, 'silence')
    const controller = new AbortController()
    const aborted = outcome(redis.with({ signal: controller.signal }).select(2))
    const late = redis.with({ deadlineMs: 1 })
    const lates = Promise.all([late.select(3), late.select(4)].map(outcome))
    controller.abort()
    expect(await aborted).toMatchObject({ code: 'ABORTED', stage: 'queued' })
    expect(await lates).toEqual([expect.any(DeadlineError), expect.any(DeadlineError)])
    await quiet.primary.thaw()
    await flying
  } finally {
    await quiet.primary.thaw()
  }
  await expectIn0(redis)
})

test('a SELECT that ends by its signal when it was written is no refusal of the server: the connection stays', async () => {
  await using redis = client()
  await redis.ping()
  let closes = 0
  redis.on('close', () => (closes += 1))
  const controller = new AbortController()
  const counted = redis.incr('n')
  const selected = outcome(redis.with({ signal: controller.signal }).select(2))
  controller.abort()
  expect(await selected).toMatchObject({ code: 'ABORTED', stage: 'in-flight' })
  expect(await counted).toBe(1)
  expect(await redis.set('k', 'of 2')).toBe('OK')
  expect([closes, await quiet.primary.command('GET', 'k')]).toEqual([0, null])
})

test('a listener is not told of databases that the client itself selects for calls that waited, and what it throws costs none of them', async () => {
  await using redis = client()
  const first = redis.set('k', 'of 0')
  const selected = redis.select(2)
  const told: number[] = []
  redis.on('select', (db: number) => {
    told.push(db)
    throw new Error('of the listener')
  })
  const [inDb0, , inDb2] = await Promise.all([first, selected, redis.set('k', 'of 2')])
  expect([inDb0, inDb2, told]).toEqual(['OK', 'OK', []])
  expect(await quiet.primary.command('GET', 'k')).toBe('of 0')
})
