import { UnknownOutcomeError } from 'ioredis-sentinel'
import { expect, test } from 'vitest'
import { ByteProxy } from './support/byte-proxy.js'
import { usable } from './support/client-view.js'
import { clientOf, outcome } from './support/clients.js'
import { useQuietTopology } from './support/quiet-topology.js'
import { replicated } from './support/server-view.js'

const NONSENSE = 'Xboom\r\n'

const quiet = useQuietTopology({ replicas: 1 })

test('bytes that are no RESP from the primary: its connection counts as lost, and each call ends as then', async () => {
  await using proxy = await ByteProxy.to(quiet.primary.address)
  await using client = clientOf(quiet.topology, { addressMap: proxy.asPrimary, readFrom: 'primary' })
  const told: Error[] = []
  client.on('error', (error) => told.push(error))
  await client.set('k', 'v')
  proxy.spoilNextReply(NONSENSE)
  const calls: Promise<unknown>[] = [
    client.get('k'),
    client.set('other', '1'),
    client.incr('n'),
    client.multi().incr('m').exec()
  ]
  const [got, set, counted, multi] = await Promise.all(calls.map(outcome))
  expect([got, set]).toEqual(['v', 'OK'])
  for (const one of [counted, multi]) expect(one).toBeInstanceOf(UnknownOutcomeError)
  expect(await client.mget('n', 'm', 'other')).toEqual(['1', '1', '1'])
  expect(told).toMatchObject([{ message: expect.stringMatching(/^Unknown RESP type/) as string }])
})

test('from a replica: the read is asked elsewhere', async () => {
  await quiet.primary.command('SET', 'k', 'v')
  await replicated(quiet.primary, quiet.replicas)
  const [replica] = quiet.replicas
  if (replica === undefined) throw new Error('there is no replica')
  await using proxy = await ByteProxy.to(replica.address)
  await using client = clientOf(quiet.topology, {
    addressMap: (_address, kind) => (kind === 'replica' ? proxy.address : undefined)
  })
  await usable(client, 1)
  expect(await client.get('k')).toBe('v')
  proxy.spoilNextReply(NONSENSE)
  expect(await Promise.all([client.get('k'), client.get('k')])).toEqual(['v', 'v'])
})
