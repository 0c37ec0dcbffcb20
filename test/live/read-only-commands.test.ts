import { UnknownOutcomeError } from 'ioredis-sentinel'
import type { SentinelRedis, SentinelRedisOptions } from 'ioredis-sentinel'
import { beforeEach, expect, test } from 'vitest'
import { usable } from './support/client-view.js'
import { clientOf, outcome } from './support/clients.js'
import { useQuietTopology } from './support/quiet-topology.js'
import { eventually, executed, replicated, resetStatistics } from './support/server-view.js'

/** No module is at hand; a command under another name is as unknown to the client as one of a module. Directives are told apart by case here, and not by the server. */
const quiet = useQuietTopology({
  config: { 'rename-command': 'strlen my.strlen', 'Rename-Command': 'append my.append' }
})

beforeEach(async () => {
  await quiet.primary.command('MSET', 'shared', 'value', 'other', 'longer value')
  await replicated(quiet.primary, quiet.replicas)
  await resetStatistics(quiet.topology.nodes)
})

/** Answers of a starved replica are not asked of the primary too: where a command is executed is told by routing alone. */
async function reader(options: Partial<SentinelRedisOptions> = {}): Promise<SentinelRedis> {
  const client = clientOf(quiet.topology, { hedge: false, suspectAfterMs: 60_000, ...options })
  await usable(client, quiet.replicas.length)
  return client
}

/** How often the primary, and the replicas together, have executed a command; servers count it by its real name. */
async function where(command: string): Promise<{ primary: number; replicas: number }> {
  const counts = await Promise.all(quiet.replicas.map((node) => executed(node, command)))
  return { primary: await executed(quiet.primary, command), replicas: counts.reduce((a, b) => a + b) }
}

test('an unknown command goes to the primary, and to replicas when it is declared, in any case', async () => {
  await using plain = await reader()
  for (let index = 0; index < 10; index += 1) expect(await plain.call('my.strlen', 'shared')).toBe(5)
  expect(await where('strlen')).toEqual({ primary: 10, replicas: 0 })
  await resetStatistics(quiet.topology.nodes)
  await using client = await reader({ readOnlyCommands: ['MY.strlen', 'get'] })
  for (const name of ['my.strlen', 'MY.STRLEN', 'My.StrLen']) {
    for (let index = 0; index < 10; index += 1) expect(await client.call(name, 'shared')).toBe(5)
  }
  expect(await client.callBuffer('my.strlen', 'shared')).toBe(5)
  await using other = client.duplicate()
  await usable(other, quiet.replicas.length)
  expect(await other.call('my.strlen', 'shared')).toBe(5)
  expect(await where('strlen')).toEqual({ primary: 0, replicas: 32 })
})

test('pipelines that only read go to one replica with it, others to the primary', async () => {
  await using client = await reader({ readOnlyCommands: ['my.strlen'] })
  const replies = [
    [null, 'value'],
    [null, 5],
    [null, 12]
  ]
  expect(await client.pipeline().get('shared').call('my.strlen', 'shared').call('MY.STRLEN', 'other').exec()).toEqual(
    replies
  )
  expect(await where('strlen')).toEqual({ primary: 0, replicas: 2 })
  expect(await Promise.all(quiet.replicas.map((node) => executed(node, 'strlen')))).toContain(2)
  await client.pipeline().call('my.strlen', 'shared').set('written', '1').exec()
  expect(await client.multi().call('my.strlen', 'shared').exec()).toEqual([[null, 5]])
  expect(await where('strlen')).toEqual({ primary: 2, replicas: 2 })
})

test('automatic pipelining takes it', async () => {
  await using client = await reader({ readOnlyCommands: ['my.strlen'], enableAutoPipelining: true })
  const asked = Array.from({ length: 20 }, () => client.call('my.strlen', 'shared'))
  expect(new Set(await Promise.all([...asked, client.call('my.strlen', 'shared')]))).toEqual(new Set([5]))
  expect(await where('strlen')).toEqual({ primary: 0, replicas: 21 })
})

test('what with() says of writes is not said of it', async () => {
  await using client = await reader({ readOnlyCommands: ['my.strlen'] })
  expect(await client.with({ exactlyOnce: true }).call('my.strlen', 'shared')).toBe(5)
  expect(await client.with({ durability: { replicas: 50, timeoutMs: 1 } }).call('my.strlen', 'shared')).toBe(5)
  expect(
    await client.with({ readFrom: 'primary', durability: { replicas: 50, timeoutMs: 1 } }).call('my.strlen', 'shared')
  ).toBe(5)
  expect(await where('strlen')).toEqual({ primary: 1, replicas: 2 })
})

test('any own write may be what it reads, and it writes nothing itself', async () => {
  await using client = await reader({ readOnlyCommands: ['my.strlen'] })
  await client.set('own', 'abc')
  expect(await client.call('my.strlen', 'shared')).toBe(5)
  expect(await where('strlen')).toEqual({ primary: 1, replicas: 0 })
  expect(await client.get('shared')).toBe('value')
  expect(await where('get')).toEqual({ primary: 0, replicas: 1 })
  await eventually(async () => {
    const before = await where('strlen')
    expect(await client.call('my.strlen', 'own')).toBe(3)
    expect((await where('strlen')).primary).toBe(before.primary)
  })
})

test('it is asked again when its connection is lost, which an unknown command is not', async () => {
  await using client = clientOf(quiet.topology, { readOnlyCommands: ['my.strlen'], readFrom: 'primary' })
  await using plain = clientOf(quiet.topology, { readFrom: 'primary' })
  await Promise.all([client.ping(), plain.ping()])
  await quiet.primary.freeze()
  const declared = client.call('my.strlen', 'shared')
  const unknown = outcome(plain.call('my.strlen', 'shared'))
  client.disconnect(true)
  plain.disconnect(true)
  await quiet.primary.thaw()
  expect(await declared).toBe(5)
  expect(await unknown).toBeInstanceOf(UnknownOutcomeError)
})

test('one that was declared by mistake is refused by the replica, and executed once, by the primary', async () => {
  await using client = await reader({ readOnlyCommands: ['my.append'] })
  expect(await client.call('my.append', 'mistaken', 'x')).toBe(1)
  expect(await client.call('my.append', 'mistaken', 'x')).toBe(2)
  expect((await where('append')).primary).toBe(2)
})
