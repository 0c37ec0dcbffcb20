import { AbortedError, DeadlineError } from 'ioredis-sentinel'
import type { SubscriptionGap } from 'ioredis-sentinel'
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { ByteProxy } from './support/byte-proxy.js'
import { clientOf, outcome } from './support/clients.js'
import { useQuietTopology } from './support/quiet-topology.js'
import { eventually } from './support/server-view.js'

const quiet = useQuietTopology({ replicas: 0 })

describe.each([2, 3] as const)('RESP%i: on a connection that is subscribed', (protocol) => {
  test('what subscribes, leaves or asks PING is sent again when the connection is lost', async () => {
    await using proxy = await ByteProxy.to(quiet.primary.address)
    await using client = clientOf(quiet.topology, { addressMap: proxy.asPrimary, readFrom: 'primary', protocol })
    const heard: string[] = []
    client.on('message', (channel) => heard.push(channel))
    client.on('pmessage', (pattern) => heard.push(pattern))
    await client.subscribe('first', 'left')
    const met = proxy.arm('swallow', 'requests', 0)
    const lost = Promise.all([
      client.subscribe('second'),
      client.psubscribe('third*'),
      client.unsubscribe('left'),
      client.ping()
    ])
    await met
    proxy.cutAll()
    // Channels and patterns, as the server counts them.
    expect((await lost).slice(0, 3)).toEqual([3, 4, 3])
    for (const channel of ['left', 'first', 'second', 'third one'])
      await quiet.primary.command('PUBLISH', channel, 'hello')
    await eventually(() => {
      expect(heard).toEqual(['first', 'second', 'third*'])
    })
  })

  test('what was answered for the first of its channels only is answered for all of them on the next connection', async () => {
    await using proxy = await ByteProxy.to(quiet.primary.address)
    await using client = clientOf(quiet.topology, { addressMap: proxy.asPrimary, readFrom: 'primary', protocol })
    await client.ping()
    const met = proxy.arm('cut', 'replies', '>3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n'.length)
    const lost = Promise.all([client.subscribe('a', 'b', 'c'), client.ping(), client.unsubscribe('a', 'b')])
    await met
    expect(await lost).toEqual([3, protocol === 2 ? ['pong', ''] : 'PONG', 1])
  })

  test('what is subscribed to anew is not given up after commandTimeout: nobody would hear of it', async () => {
    await using proxy = await ByteProxy.to(quiet.primary.address)
    const options = { addressMap: proxy.asPrimary, readFrom: 'primary', protocol, commandTimeout: 300 } as const
    await using client = clientOf(quiet.topology, options)
    const heard: string[] = []
    client.on('message', (channel) => heard.push(channel))
    await eventually(() => client.subscribe('kept'))
    const again = once(client, 'ready')
    proxy.cutAll()
    await again
    proxy.cutAll()
    await quiet.primary.freeze()
    try {
      // Issued later than what subscribes anew, whose time would be over by then.
      await expect(client.ping()).rejects.toThrow('Command timed out')
    } finally {
      await quiet.primary.thaw()
    }
    await eventually(async () => {
      await quiet.primary.command('PUBLISH', 'kept', 'hello')
      expect(heard).toContain('kept')
    })
  })

  test('what is subscribed to anew is not given up after deadlineMs: nobody would hear of it', async () => {
    await using proxy = await ByteProxy.to(quiet.primary.address)
    const options = { addressMap: proxy.asPrimary, readFrom: 'primary', protocol, deadlineMs: 300 } as const
    await using client = clientOf(quiet.topology, options)
    const heard: string[] = []
    const gaps: SubscriptionGap[] = []
    client.on('message', (channel) => heard.push(channel))
    client.on('subscription-gap', (gap) => gaps.push(gap))
    await eventually(() => client.subscribe('kept'))
    const again = once(client, 'ready')
    proxy.cutAll()
    await again
    proxy.shut()
    // Issued later than what subscribes anew, whose time would be over by then.
    await expect(client.ping()).rejects.toThrow(DeadlineError)
    proxy.reopen()
    await eventually(async () => {
      await quiet.primary.command('PUBLISH', 'kept', 'hello')
      expect(heard).toContain('kept')
    })
    expect(gaps.at(-1)).toMatchObject({ channels: ['kept'] })
  })

  test('it ends by its deadline, or by its signal, when the primary does not answer', async () => {
    await using client = clientOf(quiet.topology, { readFrom: 'primary', protocol })
    await client.subscribe('first')
    await quiet.primary.freeze()
    try {
      const soon = client.with({ deadlineMs: 300 })
      const aborting = new AbortController()
      const aborted = outcome(client.with({ signal: aborting.signal }).subscribe('second'))
      const late = [soon.subscribe('third'), soon.unsubscribe('first'), soon.ping()].map(outcome)
      aborting.abort()
      expect(await aborted).toBeInstanceOf(AbortedError)
      for (const error of await Promise.all(late)) expect(error).toBeInstanceOf(DeadlineError)
    } finally {
      await quiet.primary.thaw()
    }
    expect(await client.subscribe('fourth')).toBe(3)
  })
})

test('RESP2: what ioredis refuses there it refuses in its own words, in a pipeline too', async () => {
  await using client = clientOf(quiet.topology, { protocol: 2 })
  let losses = 0
  client.on('close', () => (losses += 1))
  await client.subscribe('first')
  const refused = 'Connection in subscriber mode, only subscriber commands may be used'
  expect(await outcome(client.get('k'))).toMatchObject({ message: refused })
  expect(await outcome(client.call('SELECT', '1'))).toMatchObject({ message: refused })
  const results = await client.pipeline().subscribe('second').set('k', 'v').ping().exec()
  expect(results).toEqual([[null, 2], [expect.objectContaining({ message: refused })], [null, ['pong', '']]])
  expect(losses).toBe(0)
  expect(await client.unsubscribe()).toBe(0)
  expect(await client.get('k')).toBeNull()
})

test('RESP2: quit as a command ends it', async () => {
  await using client = clientOf(quiet.topology, { protocol: 2 })
  await client.subscribe('first')
  const ended = new Promise<void>((resolve) =>
    client.once('end', () => {
      resolve()
    })
  )
  expect(await client.call('QUIT')).toBe('OK')
  await ended
})
