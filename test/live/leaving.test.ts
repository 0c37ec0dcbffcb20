import { once } from 'node:events'
import { expect, test } from 'vitest'
import { clientOf } from './support/clients.js'
import { useQuietTopology } from './support/quiet-topology.js'

const quiet = useQuietTopology({ replicas: 1 })

test('a node that refuses, leaves a call unanswered and goes on delivering messages is left all the same', async () => {
  await using client = clientOf(quiet.topology, { readFrom: 'primary' })
  await client.subscribe('news')
  let heard = 0
  client.on('message', () => (heard += 1))
  await quiet.primary.command('REPLICAOF', '127.0.0.1', '1')
  let publishing = true
  const published = (async () => {
    while (publishing) await quiet.primary.command('PUBLISH', 'news', 'x')
  })()
  try {
    const closed = once(client, 'close')
    const written = client.set('k', 'v')
    const blocked = client.xread('BLOCK', 0, 'STREAMS', 'stream', '0')
    await closed
    expect(heard).toBeGreaterThan(0)
    await quiet.primary.command('REPLICAOF', 'NO', 'ONE')
    expect(await written).toBe('OK')
    await quiet.primary.command('XADD', 'stream', '*', 'n', '1')
    expect(await blocked).toMatchObject([['stream', [[expect.any(String), ['n', '1']]]]])
  } finally {
    publishing = false
    await published
    await quiet.primary.command('REPLICAOF', 'NO', 'ONE')
  }
})
