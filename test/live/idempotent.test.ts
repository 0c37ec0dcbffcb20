import type { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ScratchServer } from '../../scripts/scratch-server.js'
import { startScratchServer } from '../../scripts/scratch-server.js'
import { isIdempotent } from '../../src/routing/idempotent.js'
import { NOT_REPEATABLE, REPEATABLE } from '../unit/routing/idempotent-cases.js'
import type { RepeatCase } from '../unit/routing/idempotent-cases.js'

let server: ScratchServer
let client: Redis

beforeAll(async () => {
  // XTRIM with ~ removes whole nodes of the stream only.
  const settings = ['--enable-debug-command', 'yes', '--stream-node-max-entries', '1']
  server = await startScratchServer('redis-server', '127.74.1.1', settings)
  client = server.connect()
})
afterAll(() => server.stop())

interface Outcome {
  readonly before: readonly string[]
  readonly once: readonly string[]
  readonly twice: readonly string[]
  readonly replies: readonly [string, string]
}

/**
 * DEBUG DIGEST sees neither consumer groups nor when a key or a hash field expires. DUMP does, but may list a set in another
 * order after a rehash; a time to live from now on differs by the millisecond.
 */
async function state(fromNow = false): Promise<readonly string[]> {
  const keys = (await client.keys('*')).sort()
  const digest = String(await client.debug('DIGEST'))
  if (fromNow) {
    const rough = keys.map(async (key) => `${key} expires in ${Math.round((await client.pttl(key)) / 100_000)} x 100 s`)
    return [digest, ...(await Promise.all(rough))]
  }
  const dumps = keys.map(async (key) => {
    const dumped = ['stream', 'hash'].includes(await client.type(key)) ? await client.dumpBuffer(key) : ''
    return `${key} expires ${await client.pexpiretime(key)}: ${dumped.toString('hex')}`
  })
  return [digest, ...(await Promise.all(dumps))]
}

async function reply(call: RepeatCase['call']): Promise<string> {
  const [name, ...args] = call
  return client.callBuffer(name, ...args).then(
    (value) => JSON.stringify(value),
    (error: unknown) => String(error)
  )
}

async function runTwice({ call, setup, fromNow }: RepeatCase): Promise<Outcome> {
  await client.flushall()
  await client.call('FUNCTION', 'FLUSH')
  for (const [name, ...args] of setup) await client.call(name, ...args)
  const before = await state(fromNow)
  const first = await reply(call)
  const once = await state(fromNow)
  const second = await reply(call)
  return { before, once, twice: await state(fromNow), replies: [first, second] }
}

/** The cases whose commands this server has: older ones lack the hash field expiry of Redis 8, for example. */
async function known(cases: readonly RepeatCase[]): Promise<RepeatCase[]> {
  const all = cases.flatMap(({ setup, call }) => [call, ...setup].map(([name]) => name))
  const names = [...new Set(all)]
  const found = (await client.call('COMMAND', 'INFO', ...names)) as unknown[]
  const missing = new Set(names.filter((_, at) => found[at] === null))
  return cases.filter(({ setup, call }) => [call, ...setup].every(([name]) => !missing.has(name)))
}

/** Reads among the cases; any other has to change something, or its repeat would prove nothing. */
const WITHOUT_EFFECT =
  /^(getex k$|sort |georadius|hgetex k FIELDS|script|config|info|ping|scan|touch|pfcount|object|eval_ro)/

describe('a command that is said to be idempotent', () => {
  it('leaves after two runs what it leaves after one', async () => {
    const cases = await known(REPEATABLE)
    expect(cases.length).toBeGreaterThan(80)
    for (const one of cases) {
      const title = one.call.join(' ')
      const { before, once, twice, replies } = await runTwice(one)
      expect(replies.join(), title).not.toMatch(/Error/)
      if (WITHOUT_EFFECT.test(title)) expect(once, title).toEqual(before)
      else expect(once, title).not.toEqual(before)
      expect(twice, title).toEqual(once)
    }
  })

  it('RESTORE with REPLACE does so too', async () => {
    await client.flushall()
    await client.rpush('source', 'a', 'b')
    const payload = await client.dumpBuffer('source')
    const call: RepeatCase['call'] = ['restore', 'k', 0, payload, 'REPLACE']
    const { before, once, twice } = await runTwice({ call, setup: [['set', 'k', 'old']] })
    expect(isIdempotent('restore', call.slice(1))).toBe(true)
    expect(once).not.toEqual(before)
    expect(twice).toEqual(once)
  })
})

describe('a command that is said not to be', () => {
  it('changes the data again, or answers otherwise, the second time', async () => {
    const cases = await known(NOT_REPEATABLE)
    expect(cases.length).toBeGreaterThan(60)
    for (const one of cases) {
      const { once, twice, replies } = await runTwice(one)
      expect({ state: twice, reply: replies[1] }, one.call.join(' ')).not.toEqual({ state: once, reply: replies[0] })
      expect(replies[0], one.call.join(' ')).not.toMatch(/Error/)
    }
  })
})
