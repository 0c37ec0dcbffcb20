import { DeadlineError, QueueFullError } from 'ioredis-sentinel'
import type { SentinelRedis, SentinelRedisOptions } from 'ioredis-sentinel'
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { holds } from './support/client-view.js'
import { clientOf, outcome } from './support/clients.js'
import { useQuietTopology } from './support/quiet-topology.js'
import { eventually } from './support/server-view.js'

const quiet = useQuietTopology()

/** Runs with a client that waits, since the primary does not answer; afterwards it does again. */
async function holding(
  options: Partial<SentinelRedisOptions>,
  act: (client: SentinelRedis, thaw: () => Promise<void>) => Promise<void>
): Promise<void> {
  await using client = clientOf(quiet.topology, { readFrom: 'primary', ...options })
  // It has the client's commandTimeout, and is not what a test is about.
  await eventually(() => client.with({ deadlineMs: 60_000 }).ping(), 60_000)
  await quiet.primary.freeze()
  const thaw = (): Promise<void> => quiet.primary.thaw()
  try {
    const probe = client.with({ idempotent: true, deadlineMs: 60_000 }).set('probe', 'x')
    probe.catch(() => undefined)
    await holds(client, 'silence')
    await act(client, thaw)
  } finally {
    await thaw()
  }
}

describe('maxQueuedCommands', () => {
  test('refuses more, and executes those that it let in', async () => {
    await holding({ maxQueuedCommands: 5 }, async (client, thaw) => {
      const calls = Array.from({ length: 8 }, () => outcome(client.incr('n')))
      const refused = await Promise.all(calls.slice(5))
      for (const error of refused) {
        expect(error).toBeInstanceOf(QueueFullError)
        expect(error).toMatchObject({ code: 'QUEUE_FULL', stage: 'queued', command: 'incr' })
        expect((error as Error).message).toContain('maxQueuedCommands 5')
      }
      expect(client.stats().held).toBe(5)
      await thaw()
      expect(await Promise.all(calls.slice(0, 5))).toEqual([1, 2, 3, 4, 5])
    })
    expect(await quiet.primary.command('GET', 'n')).toBe('5')
  })

  test('lets a transaction in as a whole, or not at all', async () => {
    await holding({ maxQueuedCommands: 4 }, async (client, thaw) => {
      const first = client.multi().incr('n').incr('n').incr('n').exec()
      const second = outcome(client.multi().incr('m').exec())
      const other = outcome(client.incr('n'))
      expect(await second).toBeInstanceOf(QueueFullError)
      expect(await other).toBeInstanceOf(QueueFullError)
      await thaw()
      expect(await first).toEqual([
        [null, 1],
        [null, 2],
        [null, 3]
      ])
    })
    expect(await quiet.primary.command('EXISTS', 'm')).toBe(0)
  })

  test('a refused transaction that is built command by command is refused to its end', async () => {
    await holding({ maxQueuedCommands: 1 }, async (client, thaw) => {
      const first = client.incr('n')
      expect(await outcome(client.multi({ pipeline: false }))).toBeInstanceOf(QueueFullError)
      expect(await outcome(client.incr('m'))).toBeInstanceOf(QueueFullError)
      await thaw()
      await first
      expect(await outcome(client.incr('m'))).toBeInstanceOf(QueueFullError)
      expect(await outcome(client.exec())).toBeInstanceOf(QueueFullError)
      expect(await client.get('m')).toBeNull()
    })
  })

  test('0 lets nothing wait', async () => {
    await using client = clientOf(quiet.topology, { maxQueuedCommands: 0, lazyConnect: true })
    expect(await outcome(client.get('a'))).toBeInstanceOf(QueueFullError)
    if (client.status !== 'ready') await once(client, 'ready')
    expect(await client.set('a', 'b')).toBe('OK')
  })
})

test('maxQueuedBytes refuses what is too large, and lets in what fits', async () => {
  await holding({ maxQueuedBytes: 1_000 }, async (client, thaw) => {
    const small = client.set('small', 'x'.repeat(500))
    const large = await outcome(client.set('large', Buffer.alloc(600)))
    expect(large).toBeInstanceOf(QueueFullError)
    expect((large as Error).message).toContain('maxQueuedBytes 1000')
    const tiny = client.set('tiny', 'x')
    await thaw()
    expect(await Promise.all([small, tiny])).toEqual(['OK', 'OK'])
  })
  expect(await quiet.primary.command('EXISTS', 'large')).toBe(0)
})

describe('deadlineMs', () => {
  test('ends a call that waited, which is then never executed', async () => {
    await holding({ deadlineMs: 250 }, async (client, thaw) => {
      const results = await Promise.all([
        outcome(client.incr('n')),
        outcome(client.multi().incr('n').exec()),
        outcome(client.get('n')),
        client.pipeline().incr('n').get('n').exec()
      ])
      const [pipeline] = results.splice(3) as [[Error][]]
      for (const error of [...results, ...pipeline.map(([one]) => one)]) {
        expect(error).toBeInstanceOf(DeadlineError)
        expect(error).toMatchObject({ stage: 'queued', deadlineMs: 250, group: quiet.topology.name })
        expect((error as Error).message).toContain('was not executed')
      }
      await thaw()
      expect(await client.with({ deadlineMs: 60_000 }).get('n')).toBeNull()
    })
  })

  test('a blocking call has its own time beside it', async () => {
    await using client = clientOf(quiet.topology)
    await client.ping()
    expect(await client.with({ deadlineMs: 2_500 }).blpop('none', 3)).toBeNull()
  })

  test('Infinity waits for as long as it takes', async () => {
    await holding({ deadlineMs: Infinity }, async (client, thaw) => {
      const set = client.set('patient', 'yes')
      expect(await outcome(client.with({ deadlineMs: 150 }).set('patient', 'no'))).toBeInstanceOf(DeadlineError)
      await thaw()
      expect(await set).toBe('OK')
    })
  })
})

describe('commandTimeout', () => {
  test('ends a call in ioredis’s words, waiting or written', async () => {
    await holding({ commandTimeout: 500 }, async (client) => {
      await expect(client.incr('n')).rejects.toThrow('Command timed out')
    })
    expect(await quiet.primary.command('GET', 'n')).toBeNull()
  })

  test('never leaves half a transaction', async () => {
    await using client = clientOf(quiet.topology, { commandTimeout: 1_500, readFrom: 'primary' })
    await once(client, 'ready')
    await client.multi({ pipeline: false })
    await client.incr('n')
    await quiet.primary.freeze()
    try {
      const probe = outcome(client.incr('n'))
      await holds(client, 'silence')
      await expect(client.incr('n')).rejects.toThrow('Command timed out')
      await probe
    } finally {
      await quiet.primary.thaw()
    }
    await eventually(() => {
      expect(client.stats().holdReasons).toEqual([])
    })
    await expect(client.exec()).rejects.toThrow('Command timed out')
    expect(await client.get('n')).toBeNull()
  })
})

describe('enableOfflineQueue: false', () => {
  test('a call behind a slow one waits for it, as at the server: its connection stands', async () => {
    await using client = clientOf(quiet.topology, { enableOfflineQueue: false, readFrom: 'primary' })
    if (client.status !== 'ready') await once(client, 'ready')
    await quiet.primary.freeze()
    try {
      const written = client.incr('behind')
      await holds(client, 'silence')
      const waits = client.incr('behind')
      await quiet.primary.thaw()
      expect(await Promise.all([written, waits])).toEqual([1, 2])
    } finally {
      await quiet.primary.thaw()
    }
  })

  test('refuses at once what cannot be written, and works when there is a connection', async () => {
    await using client = clientOf(quiet.topology, { enableOfflineQueue: false, readFrom: 'primary' })
    await expect(client.set('a', 'b')).rejects.toThrow(/enableOfflineQueue/)
    await expect(client.multi().set('a', 'b').exec()).rejects.toThrow(/enableOfflineQueue/)
    if (client.status !== 'ready') await once(client, 'ready')
    expect(await client.set('a', 'b')).toBe('OK')
  })

  test('a transaction of which a part could not be written is not executed', async () => {
    await using client = clientOf(quiet.topology, { enableOfflineQueue: false, readFrom: 'primary' })
    if (client.status !== 'ready') await once(client, 'ready')
    await client.multi({ pipeline: false })
    const written = outcome(client.incr('n'))
    client.disconnect(true)
    await once(client, 'close')
    await expect(client.incr('n')).rejects.toThrow(/enableOfflineQueue/)
    await written
    await expect(client.exec()).rejects.toThrow(/enableOfflineQueue/)
    await eventually(() => {
      expect(client.stats().holdReasons).toEqual([])
    })
    expect(await client.get('n')).toBeNull()
  })
})
