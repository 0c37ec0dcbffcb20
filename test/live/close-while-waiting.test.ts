import { expect, test } from 'vitest'
import { holds } from './support/client-view.js'
import { clientOf, outcome } from './support/clients.js'
import { useQuietTopology } from './support/quiet-topology.js'

const quiet = useQuietTopology({ replicas: 1 })

test('what waits when the client is closed is not executed, though the primary answers again before it has ended', async () => {
  const client = clientOf(quiet.topology, { readFrom: 'primary' })
  await client.ping()
  await quiet.primary.freeze()
  try {
    const flying = outcome(client.incr('n'))
    await holds(client, 'silence')
    const waiting = Promise.all([client.incr('n'), client.incr('n'), client.incr('n')].map(outcome))
    const closed = client.close()
    await quiet.primary.thaw()
    const refused = { message: 'Connection is closed.' }
    expect(await waiting).toMatchObject([refused, refused, refused])
    // A busy machine may need longer than close() leaves it.
    expect([1, 'UNKNOWN_OUTCOME']).toContain(codeOf(await flying))
    await closed
  } finally {
    await quiet.primary.thaw()
  }
  expect(await quiet.primary.command('GET', 'n')).toBe('1')
})

function codeOf(came: unknown): unknown {
  return came instanceof Error ? (came as Error & { code?: unknown }).code : came
}
