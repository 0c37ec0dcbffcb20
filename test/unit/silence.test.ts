import { Command, Redis } from 'ioredis'
import { expect, it, onTestFinished } from 'vitest'
import { SilenceWatch } from '../../src/runtime/silence.js'
import { collectGarbage } from '../live/support/heap.js'

const LOOKS_EVERY_MS = 5

/** A connection with nobody at its other end, and what is in flight on it. */
function watched(): { readonly watch: SilenceWatch; readonly inFlight: InFlightQueue; readonly said: string[] } {
  const redis = new Redis({ lazyConnect: true })
  const said: string[] = []
  const watch = new SilenceWatch(redis, 4 * LOOKS_EVERY_MS, () => Infinity, {
    onSilent: () => said.push('silent'),
    onAnswer: () => said.push('answer'),
    onHopeless: () => false
  })
  onTestFinished(() => {
    watch.reset()
  })
  watch.attach()
  return { watch, inFlight: (redis as unknown as { commandQueue: InFlightQueue }).commandQueue, said }
}

interface InFlightQueue {
  push(item: { readonly command: Command }): void
  shift(): unknown
}

/** What ioredis writes by itself, when it connects say: nobody has noted when. */
function write({ watch, inFlight }: ReturnType<typeof watched>): WeakRef<Command> {
  const command = new Command('client', ['setname', 'mine'])
  inFlight.push({ command })
  watch.expectAnswer()
  return new WeakRef(command)
}

it('takes a node for silent that has not answered what nobody noted the time of, from when that was first seen', async () => {
  const one = watched()
  write(one)
  await expect.poll(() => one.said).toEqual(['silent'])
  one.watch.heard()
  expect(one.said).toEqual(['silent', 'answer'])
})

it.each([
  ['when it has been answered', ({ inFlight }: ReturnType<typeof watched>): void => void inFlight.shift()],
  [
    'when another one is the oldest',
    ({ inFlight }: ReturnType<typeof watched>): void => {
      inFlight.push({ command: new Command('ping') })
      inFlight.shift()
    }
  ],
  [
    'when the connection is gone',
    ({ watch, inFlight }: ReturnType<typeof watched>): void => {
      inFlight.shift()
      watch.reset()
    }
  ]
])('keeps no command %s', async (_when, leaves) => {
  const one = watched()
  const command = write(one)
  await expect.poll(() => one.said).toEqual(['silent'])
  expect(command.deref() === undefined).toBe(false)
  leaves(one)
  await expect
    .poll(async () => {
      await collectGarbage()
      return command.deref() === undefined
    })
    .toBe(true)
})
