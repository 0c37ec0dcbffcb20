import { expect, it } from 'vitest'
import { Offers } from '../../src/runtime/offers.js'
import { collectUncaught } from '../support/uncaught.js'

it('asks nobody while nobody is to be asked', () => {
  const offers = new Offers()
  expect(offers.isWanted).toBe(false)
  const end = offers.add(() => true)
  expect(offers.isWanted).toBe(true)
  end()
  expect(offers.isWanted).toBe(false)
})

it('asks each until one wants it, also one that was given twice, and nobody any more who has ended it', () => {
  const offers = new Offers()
  const wanting = { a: false, b: false }
  const a = (): boolean => wanting.a
  const ends = [offers.add(a), offers.add(() => wanting.b), offers.add(a)]
  const answers = (): boolean[] =>
    [
      { a: false, b: false },
      { a: true, b: false },
      { a: false, b: true }
    ].map((now) => {
      Object.assign(wanting, now)
      return offers.isWanted
    })
  expect(answers()).toEqual([false, true, true])
  ends[0]?.()
  ends[0]?.()
  expect(answers()).toEqual([false, true, true])
  ends[1]?.()
  expect(answers()).toEqual([false, true, false])
  ends[2]?.()
  expect(offers.isWanted).toBe(false)
})

it('takes what one throws for a no, lets it be uncaught, and asks the others', async () => {
  const uncaught = collectUncaught()
  const offers = new Offers()
  const thrown = new Error('of the application')
  offers.add(() => {
    throw thrown
  })
  expect(offers.isWanted).toBe(false)
  offers.add(() => true)
  expect(offers.isWanted).toBe(true)
  await new Promise((resolve) => setImmediate(resolve))
  expect(uncaught).toEqual([thrown, thrown])
})
