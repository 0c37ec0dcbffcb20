import fc from 'fast-check'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeByTick } from '../../src/runtime/tick-writer.js'

let server: Server
const received: Promise<Buffer>[] = []

beforeAll(async () => {
  server = createServer((socket) => {
    received.push(
      (async () => {
        const chunks: Buffer[] = []
        for await (const chunk of socket) chunks.push(chunk as Buffer)
        return Buffer.concat(chunks)
      })()
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(() => server.close())

interface Connected {
  readonly socket: Socket
  /** What was really given to the system. */
  readonly written: readonly unknown[]
  /** Ends it, and tells what arrived. */
  readonly all: () => Promise<string>
}

async function connected(isIdle: () => boolean = () => false): Promise<Connected> {
  const accepted = once(server, 'connection')
  const socket = connect((server.address() as { port: number }).port, '127.0.0.1')
  await Promise.all([once(socket, 'connect'), accepted])
  const arriving = received.pop()
  const written: unknown[] = []
  const write = socket.write.bind(socket)
  socket.write = (data: string | Uint8Array) => {
    written.push(data)
    return write(data)
  }
  writeByTick(socket, isIdle)
  return {
    socket,
    written,
    all: async () => {
      socket.end()
      const bytes = await arriving
      return (bytes ?? Buffer.alloc(0)).toString('utf8')
    }
  }
}

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('the first goes at once, those that follow in the same tick together', async () => {
  const { socket, written, all } = await connected()
  socket.write('a')
  expect(written).toEqual(['a'])
  socket.write('b')
  socket.write('c')
  expect(written).toEqual(['a'])
  await tick()
  expect(written).toEqual(['a', 'bc'])
  expect(await all()).toBe('abc')
})

test('after a tick with many, the first waits for the others; after one with few, it does not', async () => {
  const { socket, written } = await connected()
  for (const text of ['a', 'b', 'c', 'd']) socket.write(text)
  await tick()
  socket.write('e')
  socket.write('f')
  expect(written).toEqual(['a', 'bcd'])
  await tick()
  expect(written).toEqual(['a', 'bcd', 'ef'])
  socket.write('g')
  expect(written.at(-1)).toBe('g')
  socket.destroy()
})

test('what is written while no reply is outstanding goes at once, and begins nothing', async () => {
  let idle = true
  const { socket, written, all } = await connected(() => idle)
  socket.write('a')
  idle = false
  socket.write('b')
  socket.write('c')
  expect(written).toEqual(['a', 'b'])
  await tick()
  expect(written).toEqual(['a', 'b', 'c'])
  expect(await all()).toBe('abc')
})

test('much text does not wait for the end of the tick', async () => {
  const { socket, written } = await connected()
  socket.write('a')
  socket.write('b'.repeat(40_000))
  expect(written).toHaveLength(2)
  socket.destroy()
})

test('what took long to make does not wait for the end of the tick', async () => {
  const { socket, written } = await connected()
  socket.write('a')
  const givenUp = performance.now() + 5_000
  while (written.length === 1 && performance.now() < givenUp) socket.write('b'.repeat(200))
  expect(written).toHaveLength(2)
  while (written.length === 2 && performance.now() < givenUp) socket.write('c')
  expect(written).toHaveLength(3)
  socket.destroy()
})

test('what waits when the socket is destroyed is not written to it', async () => {
  const { socket, written } = await connected()
  const failed = once(socket, 'close')
  socket.write('a')
  socket.write('b')
  socket.destroy()
  await failed
  expect(written).toEqual(['a'])
})

test('whatever is written in however many ticks arrives whole and in order', async () => {
  const piece = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 20 }),
    fc.integer({ min: 30_000, max: 40_000 }).map((length) => 'x'.repeat(length)),
    fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => Buffer.from(text))
  )
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(piece, { maxLength: 8 }), { maxLength: 6 }), async (ticks) => {
      const { socket, all } = await connected()
      for (const pieces of ticks) {
        for (const one of pieces) socket.write(one)
        await tick()
      }
      for (const one of ticks[0] ?? []) socket.write(one)
      expect(await all()).toBe([...ticks, ticks[0] ?? []].flat().map(String).join(''))
    }),
    { numRuns: 60 }
  )
})
