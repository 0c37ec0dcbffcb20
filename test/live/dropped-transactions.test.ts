import { AbortedError } from 'ioredis-sentinel'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { ByteProxy } from './support/byte-proxy.js'
import { holds } from './support/client-view.js'
import { clientOf, outcome } from './support/clients.js'
import { useQuietTopology } from './support/quiet-topology.js'
import { eventually } from './support/server-view.js'

const quiet = useQuietTopology({ replicas: 1 })

test('a transaction that was refused, and timed out while it waited to be sent again, is not sent again', async () => {
  await using client = clientOf(quiet.topology, { readFrom: 'primary', commandTimeout: 300 })
  await eventually(async () => {
    expect(await outcome(client.ping())).toBe('PONG')
  })
  await quiet.primary.command('REPLICAOF', '127.0.0.1', '1')
  try {
    const refused = outcome(client.multi().incr('n').exec())
    await holds(client, 'connection')
    expect(await refused).toMatchObject({ message: 'Command timed out' })
  } finally {
    await quiet.primary.command('REPLICAOF', 'NO', 'ONE')
  }
  await eventually(async () => {
    expect(await outcome(client.set('behind', 'it'))).toBe('OK')
  })
  expect(await quiet.primary.command('GET', 'n')).toBeNull()
})

test('a transaction whose signal was aborted while it was in flight is not sent again when its connection is lost', async () => {
  await using wire = await ByteProxy.to(quiet.primary.address)
  await using client = clientOf(quiet.topology, { readFrom: 'primary', addressMap: wire.asPrimary })
  await client.ping()
  const controller = new AbortController()
  const swallowed = wire.arm('swallow', 'requests', 0)
  const flying = outcome(client.with({ signal: controller.signal }).multi().set('k', '1').exec())
  await swallowed
  controller.abort()
  expect(await flying).toBeInstanceOf(AbortedError)
  const lost = once(client, 'close')
  wire.cutAll()
  await lost
  expect(await client.incr('behind')).toBe(1)
  expect(await quiet.primary.command('GET', 'k')).toBeNull()
})
