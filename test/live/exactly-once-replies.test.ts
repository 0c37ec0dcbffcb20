import fc from 'fast-check'
import type { SentinelRedis, SentinelRedisOptions } from 'ioredis-sentinel'
import { describe, expect, test } from 'vitest'
import { clientOf } from './support/clients.js'
import { useQuietTopology } from './support/quiet-topology.js'
import { commandArbitrary, inTransactionArbitrary } from './support/random-commands.js'
import type { RandomCommand } from './support/random-commands.js'

// The same commands, as they are in one database and exactly once in another, give the same replies and leave the same data;
// and what is made again with the same token gives the reply once more, and changes nothing.

const quiet = useQuietTopology()
let calls = 0

type Results = readonly (readonly [Error | null, unknown])[] | null

/** An error as what it says; a token for each reply that differs from call to call has no place in these commands. */
const seen = (value: unknown): unknown => {
  if (value instanceof Error) return { error: value.message }
  return Array.isArray(value) ? value.map(seen) : value
}

async function replyOf(client: SentinelRedis, { name, args }: RandomCommand, asBuffer: boolean): Promise<unknown> {
  const reply = asBuffer ? client.callBuffer(name, ...args) : client.call(name, ...args)
  return seen(await reply.catch((error: unknown) => error))
}

async function transactionOf(client: SentinelRedis, commands: readonly RandomCommand[]): Promise<unknown> {
  const multi = client.multi()
  for (const { name, args } of commands) multi.call(name, ...args)
  return seen(await (multi.exec() as Promise<Results>).catch((error: unknown) => error))
}

/** RESP3 doubles of a script carry 15 to 17 digits, those of a command 17: they may differ in the last. */
function rounded(reply: unknown): unknown {
  if (typeof reply === 'number') return Number.isInteger(reply) ? reply : Number(reply.toPrecision(14))
  if (Array.isArray(reply)) return reply.map(rounded)
  return reply
}

/** What one database holds, but for the tokens. */
async function contents(client: SentinelRedis): Promise<unknown> {
  const keys = (await client.keys('*')).filter((key) => !key.startsWith('exactly-once:')).sort()
  return Promise.all(
    keys.map(async (key) => {
      const stream = (await client.type(key)) === 'stream'
      return [
        key,
        stream ? await client.xrange(key, '-', '+') : await client.dumpBuffer(key),
        (await client.ttl(key)) > 0
      ]
    })
  )
}

describe.each<[string, Partial<SentinelRedisOptions>]>([
  ['RESP3', {}],
  ['RESP2', { protocol: 2 }],
  ['RESP3 with stringNumbers', { stringNumbers: true }],
  ['RESP3 with its own forms', { replyMapping: 'resp3' }]
])('%s', (_name, options) => {
  const twins = async (
    compare: (plain: SentinelRedis, once: () => SentinelRedis, data: SentinelRedis) => Promise<void>
  ): Promise<void> => {
    const settings = { readFrom: 'primary', ...options } as const
    await using plain = clientOf(quiet.topology, { ...settings, db: 1 })
    await using other = clientOf(quiet.topology, { ...settings, db: 2 })
    await compare(plain, () => other.with({ exactlyOnce: { token: `call-${++calls}` } }), other)
  }

  test('single commands and scripts', async () => {
    await twins(async (plain, once, data) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(commandArbitrary, { minLength: 1, maxLength: 25 }),
          fc.boolean(),
          async (commands, asBuffer) => {
            await plain.flushall()
            for (const command of commands) {
              const expected = await replyOf(plain, command, asBuffer)
              const view = once()
              for (const time of ['first', 'again']) {
                const got = await replyOf(view, command, asBuffer)
                expect({ time, command, reply: rounded(got) }).toEqual({ time, command, reply: rounded(expected) })
              }
            }
            expect(await contents(data)).toEqual(await contents(plain))
          }
        ),
        { numRuns: 40 }
      )
    })
  }, 240_000)

  test('transactions', async () => {
    await twins(async (plain, once, data) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(inTransactionArbitrary, { maxLength: 8 }), { maxLength: 4 }),
          async (all) => {
            await plain.flushall()
            for (const commands of all) {
              const expected = await transactionOf(plain, commands)
              const view = once()
              for (const time of ['first', 'again']) {
                const got = await transactionOf(view, commands)
                expect({ time, commands, reply: rounded(got) }).toEqual({ time, commands, reply: rounded(expected) })
              }
            }
            expect(await contents(data)).toEqual(await contents(plain))
          }
        ),
        { numRuns: 40 }
      )
    })
  }, 240_000)
})
