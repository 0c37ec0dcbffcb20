import { once } from 'node:events'
import { SentinelRedis, UnknownOutcomeError } from 'ioredis-sentinel'
import { startFakeSentinel } from 'ioredis-sentinel/testkit'
import { describe, expect, test } from 'vitest'
import { usable } from './support/client-view.js'
import { clientOf, outcome } from './support/clients.js'
import { useQuietTopology } from './support/quiet-topology.js'
import { eventually, killConnections, replicated } from './support/server-view.js'

/** One that is busy answers BUSY soon, to SELECT too. */
const quiet = useQuietTopology({ replicas: 1, config: { 'lua-time-limit': '50' } })

async function setBoth(): Promise<void> {
  await using writer = clientOf(quiet.topology)
  await writer.set('k', 'zero')
  await writer.select(2)
  await writer.set('k', 'two')
  await replicated(quiet.primary, quiet.replicas)
}

test('a replica that refuses to select a database is not read from as if it had', async () => {
  await setBoth()
  const [replica] = quiet.replicas
  if (replica === undefined) throw new Error('there is no replica')
  await using client = clientOf(quiet.topology, { readFrom: 'replicaPreferred', suspectAfterMs: 20_000 })
  await usable(client, 1)
  expect(await client.get('k')).toBe('zero')
  const running = outcome(replica.command('EVAL_RO', 'while true do end', 0))
  await eventually(async () => {
    expect(await outcome(replica.command('GET', 'k'))).toMatchObject({
      message: expect.stringMatching(/^BUSY/) as string
    })
  })
  expect(client.stats().replicas[0]?.usable).toBe(true)
  await client.select(2)
  expect(await client.get('k')).toBe('two')
  await replica.command('SCRIPT', 'KILL')
  await running
  await usable(client, 1)
  const before = client.stats().readsOnReplicas
  await eventually(async () => {
    expect(await client.get('k')).toBe('two')
    expect(client.stats().readsOnReplicas).toBeGreaterThan(before)
  })
})

test('a database that there is not is refused, and no other one is read instead of it', async () => {
  await setBoth()
  await using client = clientOf(quiet.topology, { readFrom: 'replicaPreferred' })
  await usable(client, 1)
  await expect(client.select(99)).rejects.toThrow('DB index is out of range')
  await expect(client.get('k')).rejects.toThrow('DB index is out of range')
  await client.select(2)
  expect(await client.get('k')).toBe('two')
})

test('a database that was refused before is refused within MULTI by the node, and the connection is not left in MULTI', async () => {
  await setBoth()
  await using client = clientOf(quiet.topology)
  await expect(client.select(99)).rejects.toThrow('DB index is out of range')
  await client.select(0)
  const results = await client.multi().select(99).set('within', 'yes').exec()
  expect(results?.[0]?.[0]).toMatchObject({ message: expect.stringContaining('out of range') as string })
  expect(await client.set('after', 'yes')).toBe('OK')
  expect(await quiet.primary.command('MGET', 'within', 'after')).toEqual(['yes', 'yes'])
})

test('a new connection to a replica selects a database when a read needs it, and not by itself', async () => {
  await setBoth()
  const [replica] = quiet.replicas
  if (replica === undefined) throw new Error('there is no replica')
  await using client = clientOf(quiet.topology, { readFrom: 'replica' })
  await usable(client, 1)
  await client.select(2)
  expect(await client.get('k')).toBe('two')
  const inDb2 = async (): Promise<number> => {
    const clients = String(await replica.command('CLIENT', 'LIST', 'TYPE', 'normal'))
    return clients.split('\n').filter((line) => / db=2 /.test(line)).length
  }
  expect(await inDb2()).toBe(1)
  const back = once(client, 'replica-back')
  await replica.command('CLIENT', 'KILL', 'TYPE', 'normal')
  await back
  expect(await inDb2()).toBe(0)
  expect(await client.get('k')).toBe('two')
  expect(await inDb2()).toBe(1)
})

test('a primary that refuses to select a database is not taken to have answered about it', async () => {
  await setBoth()
  await quiet.primary.command('ACL', 'SETUSER', 'only2', 'on', '>secret', '~*', '&*', '+@all', '-select', '+select|2')
  await using client = clientOf(quiet.topology, { username: 'only2', password: 'secret' })
  // All wait for the first connection, which is greeted by SELECT 2.
  const inDb0 = outcome(client.get('k'))
  const [, inDb2] = await Promise.all([client.select(2), client.get('k')])
  expect(inDb2).toBe('two')
  expect(await inDb0).toMatchObject({ message: expect.stringMatching(/^NOPERM/) as string })
})

describe('a primary that refuses the database', () => {
  const refused = { message: expect.stringMatching(/^NOPERM/) as string }

  /** It may not select any. */
  async function confined(): Promise<{ readonly username: string; readonly password: string }> {
    await setBoth()
    await quiet.primary.command('ACL', 'SETUSER', 'confined', 'on', '>secret', '~*', '&*', '+@all', '-select')
    return { username: 'confined', password: 'secret' }
  }

  test('of the options gets no call that is meant for it, and does when it allows it', async () => {
    await using client = clientOf(quiet.topology, { ...(await confined()), db: 2, readFrom: 'primary' })
    const write = () => outcome(client.set('k', 'astray'))
    const pipeline = () => client.pipeline().set('k', 'astray').incr('n').exec()
    const [first, second, piped] = await Promise.all([write(), write(), pipeline()])
    const [third, multi] = [await write(), await outcome(client.multi().set('k', 'astray').exec())]
    expect([first, second, third, multi]).toMatchObject([refused, refused, refused, refused])
    expect(piped?.map(([error]) => error)).toMatchObject([refused, refused])
    expect(await quiet.primary.command('GET', 'k')).toBe('zero')
    await quiet.primary.command('ACL', 'SETUSER', 'confined', '+select')
    await eventually(async () => expect(await outcome(client.get('k'))).toBe('two'))
    expect(await client.set('k', 'again')).toBe('OK')
    expect(await quiet.primary.command('GET', 'k')).toBe('zero')
  })

  test('by a SELECT of the caller gets none after that, also on its next connection', async () => {
    await using client = clientOf(quiet.topology, { readFrom: 'primary', connectionName: 'selecting' })
    await setBoth()
    await client.select(2)
    const outOfRange = { message: expect.stringContaining('DB index is out of range') as string }
    expect(await outcome(client.select(99))).toMatchObject(outOfRange)
    expect(await outcome(client.set('k', 'astray'))).toMatchObject(outOfRange)
    await killConnections(quiet.primary, 'selecting')
    expect(await outcome(client.set('k', 'astray'))).toMatchObject(outOfRange)
    await client.select(2)
    expect(await client.get('k')).toBe('two')
    await client.select(0)
    expect(await client.get('k')).toBe('zero')
  })
})

test('what it answered behind a SELECT that it was too busy for is asked again, or of unknown outcome', async () => {
  const busy = 'BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.'
  let db = 0
  let refusals = 0
  // A script that ends between two commands of one packet cannot be ordered from a real server.
  await using node = await startFakeSentinel({
    intercept: ([name = '', argument = '']) => {
      switch (name.toLowerCase()) {
        case 'hello':
          return { map: { server: 'redis', version: '7.0.15', proto: 2, id: 1, mode: 'standalone', role: 'master' } }
        case 'info':
          return 'role:master\r\nloading:0\r\n'
        case 'select':
          if (argument === '0' && refusals++ === 0) return { error: busy }
          db = Number(argument)
          return { status: 'OK' }
        case 'get':
          return `of ${String(db)}`
        case 'rpush':
          return 1
        default:
          return undefined
      }
    }
  })
  const group = { primary: node.address, replicas: [], sentinels: [] }
  await using sentinel = await startFakeSentinel({ groups: { mymaster: group } })
  await using client = new SentinelRedis({ name: 'mymaster', sentinels: [sentinel.address], protocol: 2 })
  const inDb0 = [client.get('k'), client.rpush('list', 'x')].map(outcome)
  const [, inDb2] = await Promise.all([client.select(2), client.get('k')])
  expect(inDb2).toBe('of 2')
  expect(await inDb0[0]).toBe('of 0')
  expect(await inDb0[1]).toBeInstanceOf(UnknownOutcomeError)
  expect(refusals).toBeGreaterThan(1)
})
