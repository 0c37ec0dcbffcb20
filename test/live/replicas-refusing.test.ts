import type { ReplicaOut } from 'ioredis-sentinel'
import type { LocalNode } from 'ioredis-sentinel/testkit'
import { ReadProbe } from 'ioredis-sentinel/testkit'
import { beforeEach, expect, test } from 'vitest'
import { usable } from './support/client-view.js'
import { clientOf, outcome } from './support/clients.js'
import { useQuietTopology } from './support/quiet-topology.js'
import { ReplicaEvents } from './support/replica-events.js'
import { eventually, executed, replicated, resetStatistics } from './support/server-view.js'

/** With these a server answers while it loads its keys, that it does, and BUSY soon. */
const quiet = useQuietTopology({
  config: { 'loading-process-events-interval-bytes': '1024', rdbcompression: 'no', 'lua-time-limit': '50' }
})

/** Of each value, so that a kilobyte is not many keys. */
const PADDING = '.'.repeat(100)

let bad: LocalNode

beforeEach(async () => {
  await quiet.primary.command(
    'EVAL',
    "for i = 1, 2000 do redis.call('SET', 'key:' .. i, i .. ARGV[1]) end return 1",
    0,
    PADDING
  )
  await replicated(quiet.primary, quiet.replicas)
  const [first] = quiet.replicas
  if (first === undefined) throw new Error('there are no replicas')
  bad = first
})

/** How many reads a node has refused since CONFIG RESETSTAT. */
async function refused(node: LocalNode): Promise<number> {
  const info = String(await node.command('INFO', 'commandstats'))
  return Number(/cmdstat_get:.*rejected_calls=(\d+)/.exec(info)?.[1] ?? 0)
}

/** While a replica refuses, others answer; no read is spent on finding out whether it still does; then it is read from again. */
async function staysOut(refuse: () => Promise<void>, heal: () => Promise<void>, words: RegExp): Promise<void> {
  await using client = clientOf(quiet.topology, { hedge: false, suspectAfterMs: 60_000 })
  await usable(client, 2)
  // One at a time: no more than one can be on its way to it.
  let going = true
  let longest = 0
  const reading = (async () => {
    for (let index = 0; going; index += 1) {
      const began = performance.now()
      const key = 1 + (index % 2_000)
      expect(await client.get(`key:${key}`)).toBe(`${key}${PADDING}`)
      longest = Math.max(longest, performance.now() - began)
    }
  })()
  reading.catch(() => undefined)
  const outs = async (): Promise<ReplicaOut[]> => {
    const events = new ReplicaEvents(client)
    await resetStatistics([bad])
    await refuse()
    await events.out(bad)
    await heal()
    await events.back(bad)
    await usable(client, 2)
    return events.outs.filter(({ reason }) => reason === 'refused')
  }
  let told = await outs()
  // When the sentinels said first that its link is down, nothing was read from it, and nothing refused.
  while (told.length === 0) told = await outs()
  // One that made it known, and one more if it came back too soon.
  expect(await refused(bad)).toBeLessThanOrEqual(2)
  for (const { detail } of told) expect(detail).toMatch(words)
  const before = await executed(bad, 'get')
  await eventually(async () => {
    expect(await executed(bad, 'get')).toBeGreaterThan(before)
  }, 30_000)
  going = false
  await reading
  expect(longest).toBeLessThan(5_000)
}

test('loading', async () => {
  const loading: Promise<unknown>[] = []
  await staysOut(
    async () => {
      // Half a minute, if it is not ended before: hundreds of reads in a row, one after the other, go to the same replica.
      await bad.command('CONFIG', 'SET', 'key-load-delay', '15000')
      loading.push(outcome(bad.command('DEBUG', 'RELOAD')))
    },
    async () => {
      await bad.command('CONFIG', 'SET', 'key-load-delay', '0')
      await Promise.all(loading)
    },
    /^LOADING/
  )
})

test('without its primary, when it may not serve old data', async () => {
  await bad.command('CONFIG', 'SET', 'replica-serve-stale-data', 'no')
  try {
    await staysOut(
      async () => {
        await bad.command('REPLICAOF', '127.0.0.1', '1')
      },
      async () => {
        const { host, port } = quiet.primary.address
        await bad.command('REPLICAOF', host, port)
      },
      /^MASTERDOWN/
    )
  } finally {
    await bad.command('CONFIG', 'SET', 'replica-serve-stale-data', 'yes')
  }
})

test('busy with a script that does not end', async () => {
  const running: Promise<unknown>[] = []
  await staysOut(
    async () => {
      running.push(outcome(bad.command('EVAL_RO', 'while true do end', 0)))
      await Promise.resolve()
    },
    async () => {
      await bad.command('SCRIPT', 'KILL')
      await Promise.all(running)
    },
    /^BUSY/
  )
})

test('a connection that is lost again and again: the replica is out for ever longer, and back when it holds', async () => {
  await using client = clientOf(quiet.topology, { connectionName: 'victim', suspectAfterMs: 20_000 })
  await usable(client, 2)
  const events = new ReplicaEvents(client)
  const probe = new ReadProbe({ read: () => client.get('key:1') })
  const cut = async (): Promise<void> => {
    const list = String(await bad.command('CLIENT', 'LIST', 'TYPE', 'normal'))
    for (const line of list.split('\n').filter((one) => one.includes('name=victim')))
      await bad.command('CLIENT', 'KILL', 'ID', /id=(\d+)/.exec(line)?.[1] ?? '')
  }
  for (let round = 1; round <= 4; round += 1) {
    await cut()
    await eventually(() => {
      expect(events.backs.length).toBeGreaterThanOrEqual(round)
    })
  }
  expect(events.backs.map(({ reason }) => reason)).toEqual(Array(4).fill('lost'))
  // The second time it is 100 ms or more, each time after that twice as much.
  expect(events.backs.at(-1)?.outMs).toBeGreaterThanOrEqual(200)
  await probe.stop()
  expect(probe.report()).toMatchObject({ failed: 0, hung: 0 })
})
