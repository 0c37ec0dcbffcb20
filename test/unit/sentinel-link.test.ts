import { type FakeSentinel, startFakeSentinel } from 'ioredis-sentinel/testkit'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Address } from '../../src/protocol/address.js'
import { accessOf } from '../../src/runtime/access.js'
import { SentinelLink } from '../../src/runtime/sentinel-link.js'

const TIMEOUT_MS = 2_000

function linkTo(address: Address): SentinelLink {
  const access = accessOf({ hop: 'sentinel', credentials: {}, tls: undefined })
  return new SentinelLink(
    { announced: address, reached: address },
    { access, timeoutMs: TIMEOUT_MS, family: undefined }
  )
}

const up = (link: SentinelLink): Promise<string> => new Promise((resolve) => link.once('up', resolve))

test('asked without a connection it says that, and not in the words of ioredis', async () => {
  const link = linkTo({ host: '127.0.0.1', port: 1 })
  link.open()
  await expect(link.ask('mymaster')).rejects.toThrow(/^there is no connection to the sentinel$/)
  link.close()
})

describe('when its connection breaks under a question', () => {
  let sentinel: FakeSentinel
  let link: SentinelLink
  beforeEach(async () => {
    sentinel = await startFakeSentinel({ groups: { mymaster: { primary: { host: '127.0.0.1', port: 6379 } } } })
    link = linkTo(sentinel.address)
    link.open()
    await up(link)
  })
  afterEach(async () => {
    link.close()
    await sentinel.close()
  })

  /** Asks, and has the connection break before the answer; what comes of the question. */
  async function broken(): Promise<{ readonly outcome: Promise<unknown> }> {
    sentinel.hang()
    const before = sentinel.received.length
    const outcome = link.ask('mymaster').catch((error: unknown) => error)
    await vi.waitFor(() => expect(sentinel.received.length).toBeGreaterThan(before), { timeout: 10_000 })
    const down = new Promise((resolve) => link.once('down', resolve))
    sentinel.disconnectAll()
    await down
    return { outcome }
  }

  test('the question fails then, and the link comes back to a sentinel that was away for longer than an answer may take', async () => {
    sentinel.refuse()
    const { outcome } = await broken()
    expect(await outcome).toMatchObject({ message: expect.stringContaining('closed the connection') as string })
    await sleep(2 * TIMEOUT_MS)
    const again = up(link)
    await sentinel.recover()
    expect(await again).toBe(sentinel.state.id)
  })

  test('the next connection is not taken for late', async () => {
    await broken()
    const again = up(link)
    await sentinel.recover()
    await again
    const downs = vi.fn()
    link.on('down', downs)
    await sleep(2 * TIMEOUT_MS)
    expect([downs.mock.calls, link.id]).toEqual([[], sentinel.state.id])
  })
})
