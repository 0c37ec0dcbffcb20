import { expect, vi } from 'vitest'
import { busyFor, socketPair } from './socket-pair.js'

/**
 * Has a loop that acts every few milliseconds stand still while something comes by a socket: what came is read before it catches up, and when
 * that ends the loop (`stops`) it does not catch up at all.
 */
export async function expectReadFirst(start: (act: () => void) => { stop(): void }, stops: boolean): Promise<void> {
  using sockets = await socketPair()
  const done: string[] = []
  const loop = start(() => done.push('acted'))
  setTimeout(() => {
    done.splice(0, Infinity, 'stands still')
    sockets.far.write('x')
    busyFor(100)
  }, 20)
  sockets.near.on('data', () => {
    done.push('read')
    if (stops) loop.stop()
  })
  const expected = ['stands still', 'read', ...(stops ? [] : ['acted'])]
  await vi.waitFor(() => expect(done.slice(0, 3)).toEqual(expected), 10_000)
  for (let turns = 0; turns < 4; turns += 1) await new Promise(setImmediate)
  loop.stop()
  expect(done.slice(0, 3)).toEqual(expected)
}
