import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Address, Route } from '../../src/protocol/address.js'
import { dial, onHeard, verifiedHost } from '../../src/runtime/dial.js'

let server: Server
const opened: Socket[] = []

beforeEach(async () => {
  server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterEach(() => {
  for (const socket of opened.splice(0)) socket.destroy()
  server.close()
})

const straightTo = (address: Address): Route => ({ announced: address, reached: address })

/** Both ends of a connection. */
async function connected(): Promise<{ readonly near: Socket; readonly far: Socket }> {
  const { port } = server.address() as { port: number }
  const accepted = once(server, 'connection')
  const near = dial(straightTo({ host: '127.0.0.1', port }), { tls: undefined, family: undefined, noDelay: true })
  await once(near, 'connect')
  const [far] = (await accepted) as [Socket]
  opened.push(near, far)
  return { near, far }
}

/** All that comes until the other end closes. */
async function all(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(socket, 'end')
  return Buffer.concat(chunks)
}

const counting = (bytes: number, from: number): Buffer =>
  Buffer.from(Uint8Array.from({ length: bytes }, (_, index) => index + from))

test('all that is sent arrives in order, much at once too', async () => {
  const { near, far } = await connected()
  const sent = counting(1_000_000, 0)
  far.write(sent.subarray(0, 10))
  far.end(sent.subarray(10))
  expect((await all(near)).equals(sent)).toBe(true)
})

test('what was read is kept as it was, whatever is read after it on this connection and others', async () => {
  const connections = [await connected(), await connected()]
  const kept: Buffer[] = []
  for (let round = 0; round < 20; round++) {
    for (const { near, far } of connections) {
      far.write(counting(5_000, kept.length))
      const [chunk] = (await once(near, 'data')) as [Buffer]
      kept.push(chunk)
      let missing = 5_000 - chunk.length
      while (missing > 0) missing -= ((await once(near, 'data')) as [Buffer])[0].length
    }
  }
  for (const [index, chunk] of kept.entries()) expect(chunk.equals(counting(chunk.length, index))).toBe(true)
})

test('what is much is kept as it was too, and so is what little is read after it', async () => {
  const connections = [await connected(), await connected()]
  const kept: Buffer[] = []
  const sent: Buffer[] = []
  for (let round = 0; round < 12; round++) {
    for (const { near, far } of connections) {
      const bytes = counting(round % 3 === 2 ? 10 : 300_000, sent.length)
      sent.push(bytes)
      far.write(bytes)
      for (let missing = bytes.length; missing > 0; missing -= kept.at(-1)?.length ?? 0)
        kept.push(((await once(near, 'data')) as [Buffer])[0])
    }
  }
  expect(Buffer.concat(kept).equals(Buffer.concat(sent))).toBe(true)
})

test('while it is paused nothing is given and nothing is lost', async () => {
  const { near, far } = await connected()
  const given: Buffer[] = []
  near.on('data', (chunk: Buffer) => {
    given.push(chunk)
    near.pause()
  })
  far.write('one')
  await once(near, 'data')
  far.write('two')
  expect(Buffer.concat(given).toString()).toBe('one')
  near.resume()
  await once(near, 'data')
  expect(Buffer.concat(given).toString()).toBe('onetwo')
})

test('what comes with the close is given before the close is told', async () => {
  const { near, far } = await connected()
  const told: string[] = []
  near.on('data', (chunk: Buffer) => told.push(chunk.toString()))
  for (const event of ['end', 'close']) near.on(event, () => told.push(event))
  far.end('last')
  await once(near, 'close')
  expect(told).toEqual(['last', 'end', 'close'])
})

test('that something was read is told after it was given', async () => {
  const { near, far } = await connected()
  const told: string[] = []
  onHeard(near, () => told.push('heard'))
  near.on('data', (chunk: Buffer) => told.push(chunk.toString()))
  onHeard(far, () => told.push('far'))
  far.write('one')
  await once(near, 'data')
  near.write('two')
  await once(far, 'data')
  expect(told).toEqual(['one', 'heard', 'far'])
})

test.each([
  ['a name is itself', 'redis-0.test', 'redis-0.test', 'redis-0.test'],
  ['a name that leads to an address', 'redis-0.test', '10.0.0.1', 'redis-0.test'],
  ['a name that is reached by another', 'redis-0.test', 'gateway.test', 'redis-0.test'],
  ['an address that is reached by a name', '10.0.0.1', 'gateway.test', 'gateway.test'],
  ['an address that is reached by another', '10.0.0.1', '127.0.0.1', '10.0.0.1'],
  ['an IPv6 address', 'fd00::1', 'fd00::1', 'fd00::1']
])('whom the certificate has to name: %s', (_what, announced, reached, verified) => {
  expect(verifiedHost({ announced: { host: announced, port: 1 }, reached: { host: reached, port: 2 } })).toBe(verified)
})
