import { EventEmitter } from 'node:events'
import { expect, it } from 'vitest'
import { leaveOutWhatNobodyReads, whenNobodyReads } from '../../../src/cli/broken-output.js'

const GONE = ['EPIPE', 'EIO', 'ECONNRESET']

const failure = (code: string): Error => Object.assign(new Error(`${code}: write`), { code })

/** Both outputs of a command, what is said of them, and whether a part is lost. */
function outputs() {
  const [stdout, stderr, said] = [new EventEmitter(), new EventEmitter(), [] as string[]]
  const isLost = leaveOutWhatNobodyReads({ stdout, stderr }, (line) => said.push(line))
  return { stdout, stderr, said, isLost }
}

it('says nothing of what nobody reads, and takes nothing of it for lost', () => {
  const { stdout, stderr, said, isLost } = outputs()
  for (const code of [...GONE, ...GONE]) stdout.emit('error', failure(code))
  stderr.emit('error', failure('EIO'))
  expect([said, isLost()]).toEqual([[], false])
})

it('says once, and throws nothing, what else keeps it from being written', () => {
  const { stdout, stderr, said, isLost } = outputs()
  for (const stream of [stdout, stdout, stderr]) stream.emit('error', failure('ENOSPC'))
  expect(said).toEqual(['error: what this command says cannot be written: ENOSPC: write'])
  expect(isLost()).toBe(true)
})

it('takes the standard output for whole when only stderr cannot be written, and not when both cannot', () => {
  const { stdout, stderr, said, isLost } = outputs()
  stderr.emit('error', failure('ENOSPC'))
  expect(isLost()).toBe(false)
  stdout.emit('error', failure('ENOSPC'))
  expect([isLost(), said.length]).toEqual([true, 1])
})

it('ends what is there to be read when its reader is gone, and for no other reason', () => {
  const stdout = new EventEmitter()
  let ends = 0
  const forget = whenNobodyReads(stdout, () => ends++)
  for (const code of ['ENOSPC', 'EFBIG']) stdout.emit('error', failure(code))
  expect(ends).toBe(0)
  for (const code of GONE) stdout.emit('error', failure(code))
  expect(ends).toBe(GONE.length)
  forget()
  expect(stdout.listenerCount('error')).toBe(0)
})
