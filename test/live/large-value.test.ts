import { expect, test } from 'vitest'
import { ByteProxy } from './support/byte-proxy.js'
import { clientOf } from './support/clients.js'
import { useQuietTopology } from './support/quiet-topology.js'

const quiet = useQuietTopology({ replicas: 1 })

/** A connection on which a node has nothing to do for so long is given up, where its down-after allows it. */
const GRACE_MS = 5_000

test('a value that takes longer to be sent than an idle connection may be silent is sent once, and arrives', async () => {
  await using wire = await ByteProxy.to(quiet.primary.address)
  wire.bytesPerSecond = 2_000_000
  await using client = clientOf(quiet.topology, { readFrom: 'primary', addressMap: wire.asPrimary })
  await client.ping()
  let closes = 0
  client.on('close', () => (closes += 1))
  const large = 'x'.repeat(2 * (GRACE_MS / 1_000) * wire.bytesPerSecond)
  expect(await client.set('large', large)).toBe('OK')
  expect([closes, client.stats().retried]).toEqual([0, 0])
  expect(await quiet.primary.command('STRLEN', 'large')).toBe(large.length)
})
