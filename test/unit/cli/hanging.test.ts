import { expect, it } from 'vitest'
import { hanging } from '../../../src/cli/hanging.js'

const TEXT = 'a primary that is cut off goes on acknowledging writes'

it('breaks between words, and keeps what follows behind the margin', () => {
  expect(hanging('  read    ', TEXT, 36).split('\n')).toEqual([
    '  read    a primary that is cut off',
    '          goes on acknowledging',
    '          writes'
  ])
})

it('counts what is seen of a coloured margin', () => {
  const dim = '\u001b[2mread\u001b[22m  '
  expect(hanging(dim, TEXT, 36).split('\n')[1]).toBe('      on acknowledging writes')
})

it('leaves a word whole that is longer than the line, and all in one line where there is no terminal', () => {
  const word = `${'x'.repeat(60)}`
  expect(hanging('  ', word, 30)).toBe(`  ${word}`)
  expect(hanging('  ', TEXT, undefined)).toBe(`  ${TEXT}`)
})
