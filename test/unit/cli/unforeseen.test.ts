import { afterEach, expect, it, vi } from 'vitest'
import { tellUnforeseen } from '../../../src/cli/unforeseen.js'

afterEach(() => vi.restoreAllMocks())

/** What is written of it. */
function told(error: unknown, json: boolean): { readonly stdout: string; readonly stderr: string } {
  const written = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name] += String(text)
      return true
    })
  tellUnforeseen(error, json)
  vi.restoreAllMocks()
  return written
}

it('is told in one line', () => {
  expect(told(new TypeError('one\n  two'), false)).toEqual({ stdout: '', stderr: 'error: TypeError: one two\n' })
  expect(told('no error', false).stderr).toBe('error: no error\n')
})

it('is told as JSON too', () => {
  const { stdout, stderr } = told(new Error('odd'), true)
  expect(JSON.parse(stdout)).toEqual({ outcome: 'failed', problem: 'Error: odd' })
  expect(stderr).toBe('error: Error: odd\n')
})
