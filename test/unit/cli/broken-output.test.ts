import { EventEmitter } from 'node:events'
import { expect, it } from 'vitest'
import { leaveOutWhatNobodyReads } from '../../../src/cli/broken-output.js'

const failure = (code: string): Error => Object.assign(new Error(`${code}: write`), { code })

/** Both outputs of a command, and what is said of them. */
function outputs(): { readonly stdout: EventEmitter; readonly stderr: EventEmitter; readonly said: string[] } {
  const [stdout, stderr, said] = [new EventEmitter(), new EventEmitter(), [] as string[]]
  leaveOutWhatNobodyReads([stdout, stderr], (line) => said.push(line))
  return { stdout, stderr, said }
}

it('says nothing of what nobody reads', () => {
  const { stdout, stderr, said } = outputs()
  for (const code of ['EPIPE', 'EIO', 'EPIPE']) stdout.emit('error', failure(code))
  stderr.emit('error', failure('EIO'))
  expect(said).toEqual([])
})

it('says once, and throws nothing, what else keeps it from being written', () => {
  const { stdout, stderr, said } = outputs()
  for (const stream of [stdout, stdout, stderr]) stream.emit('error', failure('ENOSPC'))
  expect(said).toEqual(['error: what this command says cannot be written: ENOSPC: write'])
})
