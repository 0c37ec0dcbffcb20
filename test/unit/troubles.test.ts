import { expect, test } from 'vitest'
import { Troubles } from '../../src/observe/troubles.js'

test('each thing is told once, while it goes on', () => {
  const troubles = new Troubles()
  expect(troubles.isNews('the node a:1 answers "WRONGPASS"', 0)).toBe(true)
  for (let at = 1_000; at < 600_000; at += 1_000)
    expect(troubles.isNews('the node a:1 answers "WRONGPASS"', at)).toBe(false)
  expect(troubles.isNews('the node b:1 answers "WRONGPASS"', 600_000)).toBe(true)
})

test('what was not heard of for a minute is told again', () => {
  const troubles = new Troubles()
  troubles.isNews('the node a:1 answers "WRONGPASS"', 0)
  expect(troubles.isNews('the node a:1 answers "WRONGPASS"', 59_999)).toBe(false)
  expect(troubles.isNews('the node a:1 answers "WRONGPASS"', 119_999)).toBe(true)
})

test('what was said of a server that is well is told again when it comes back, and of others it is not', () => {
  const troubles = new Troubles()
  troubles.isNews('the node a:1 answers "WRONGPASS"', 0)
  troubles.isNews('the node b:1 answers "WRONGPASS"', 0)
  troubles.over('a:1')
  expect(troubles.isNews('the node a:1 answers "WRONGPASS"', 1)).toBe(true)
  expect(troubles.isNews('the node b:1 answers "WRONGPASS"', 1)).toBe(false)
})
