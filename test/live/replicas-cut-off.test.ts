import { ReadProbe } from 'ioredis-sentinel/testkit'
import { expect, test } from 'vitest'
import { usable } from './support/client-view.js'
import { clientOf } from './support/clients.js'
import { needsPartitions } from './support/partitions.js'
import { useQuietTopology } from './support/quiet-topology.js'
import { ReplicaEvents } from './support/replica-events.js'
import { eventually, executed, resetStatistics } from './support/server-view.js'

const quiet = useQuietTopology()

/** TCP has sent a lost packet again after 25 s then, and does so next after 51; what looks after idle connections does so next after 45. */
const CUT_FOR_MS = 32_000

test('cut off for long, with no sentinel that says so, it is read from within 10 s of being healed', async (context) => {
  await needsPartitions(context)
  await using client = clientOf(quiet.topology)
  await usable(client, 2)
  const events = new ReplicaEvents(client)
  const [cut] = quiet.replicas
  if (cut === undefined) throw new Error('there are no replicas')
  const probe = new ReadProbe({ read: () => client.get('any') })
  const heal = await cut.partition('everything')
  try {
    expect(await events.out(cut)).toMatchObject({ reason: 'silent' })
    const cutAt = performance.now()
    await eventually(() => {
      expect(performance.now() - cutAt).toBeGreaterThan(CUT_FOR_MS)
    }, 2 * CUT_FOR_MS)
  } finally {
    await heal()
  }
  await resetStatistics([cut])
  await eventually(async () => {
    expect(await executed(cut, 'get')).toBeGreaterThan(0)
  }, 30_000)
  expect(await events.back(cut)).toMatchObject({ reason: 'silent' })
  await probe.stop()
  expect(probe.report()).toMatchObject({ failed: 0, hung: 0 })
}, 120_000)
