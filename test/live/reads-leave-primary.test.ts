import { expect, test } from 'vitest'
import { usable } from './support/client-view.js'
import { clientOf, outcome, startQuickTopology } from './support/clients.js'
import { eventually, executed } from './support/server-view.js'

test('reads that began to wait for the primary while no replica answered are answered by the first that does again', async () => {
  await using topology = await startQuickTopology({ downAfterMs: 60_000 })
  await using client = clientOf(topology, { deadlineMs: 60_000 })
  await using automatic = clientOf(topology, { deadlineMs: 60_000, enableAutoPipelining: true })
  const primary = await topology.primary()
  const replicas = await topology.replicas()
  const [back] = replicas
  await primary.command('MSET', 'one', '1', 'two', '2')
  await usable(client, 2)
  await usable(automatic, 2)
  await Promise.all(topology.sentinels.map((sentinel) => sentinel.kill()))
  await primary.kill()
  await Promise.all(replicas.map((node) => node.freeze()))
  const unanswered = Promise.all([client.get('one'), automatic.get('one')])
  await eventually(() => {
    expect([client, automatic].map((one) => one.stats().replicas.some(({ usable }) => usable))).toEqual([false, false])
  })

  const alone = client.get('one')
  const pipeline = client.pipeline().get('one').get('two').exec()
  const byItself = Promise.all([automatic.get('one'), automatic.get('two')])
  const ofThePrimary = [
    client.with({ readFrom: 'primary' }).get('one'),
    client.pipeline().set('three', 'new').get('one').exec(),
    client.multi().get('one').exec()
  ].map(outcome)
  const left = Promise.race(ofThePrimary)
  await eventually(() => {
    // ioredis sends the next automatic pipeline when the one before is answered.
    expect([client.stats().held, automatic.stats().held]).toEqual([10, 1])
  })
  await back?.thaw()

  expect(await unanswered).toEqual(['1', '1'])
  expect(await alone).toBe('1')
  expect(await pipeline).toEqual([
    [null, '1'],
    [null, '2']
  ])
  expect(await byItself).toEqual(['1', '2'])
  expect(await Promise.race([left, client.get('one')])).toBe('1')
  expect(client.stats().held).toBe(6)
  await primary.start()
  const [value, written, transaction] = await Promise.all(ofThePrimary)
  expect(value).toBe('1')
  expect(written).toEqual([
    [null, 'OK'],
    [null, '1']
  ])
  expect(transaction).toEqual([[null, '1']])
})

test('a read of what this client wrote itself waits on when a replica answers again that may not have it', async () => {
  await using topology = await startQuickTopology({ downAfterMs: 60_000 })
  await using client = clientOf(topology, { deadlineMs: 60_000 })
  const primary = await topology.primary()
  const replicas = await topology.replicas()
  const [back] = replicas
  await usable(client, 2)
  await primary.command('SET', 'other', 'old')
  await client.set('own', 'first')
  await Promise.all(topology.sentinels.map((sentinel) => sentinel.kill()))
  await primary.kill()
  await Promise.all(replicas.map((node) => node.freeze()))
  const unanswered = client.get('other')
  await eventually(() => {
    expect(client.stats().replicas.some(({ usable }) => usable)).toBe(false)
  })
  const write = client.set('own', 'second')
  const own = client.get('own')
  const other = client.get('other')
  await back?.thaw()
  expect(await Promise.all([unanswered, other])).toEqual(['old', 'old'])
  expect(client.stats().held).toBe(2)
  await primary.start()
  expect(await Promise.all([write, own])).toEqual(['OK', 'second'])
})

test('reads that were on their way to a primary that dies are asked of a replica', async () => {
  await using topology = await startQuickTopology({ downAfterMs: 60_000 })
  await using client = clientOf(topology, { deadlineMs: 60_000, readFrom: 'primaryPreferred' })
  const primary = await topology.primary()
  const replicas = await topology.replicas()
  await primary.command('SET', 'one', '1')
  await primary.command('WAIT', '2', '10000')
  await usable(client, 2)
  await Promise.all(topology.sentinels.map((sentinel) => sentinel.kill()))
  await primary.freeze()
  const read = client.get('one')
  const pipeline = client.pipeline().strlen('one').exists('one').exec()
  await eventually(() => {
    expect(client.stats().inFlight).toBe(3)
  })
  await primary.kill()
  expect(await read).toBe('1')
  expect(await pipeline).toEqual([
    [null, 1],
    [null, 1]
  ])
  for (const name of ['get', 'strlen', 'exists']) {
    const asked = await Promise.all(replicas.map((replica) => executed(replica, name)))
    expect([name, Math.max(...asked)]).toEqual([name, 1])
  }
})
