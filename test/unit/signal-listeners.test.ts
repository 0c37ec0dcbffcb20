import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { SignalListeners } from '../../src/runtime/signal-listeners.js'

test('a signal carries one listener, and every callback that was not forgotten is called once', () => {
  const listeners = new SignalListeners()
  const controller = new AbortController()
  const called: string[] = []
  const forget = listeners.add(controller.signal, () => called.push('forgotten'))
  listeners.add(controller.signal, () => called.push('first'))
  listeners.add(controller.signal, () => called.push('second'))
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1)
  forget()
  controller.abort()
  expect(called).toEqual(['first', 'second'])
})

test('a signal carries no listener any more when the last callback is forgotten, and one again with the next', () => {
  const listeners = new SignalListeners()
  const controller = new AbortController()
  const called: string[] = []
  const forgets = [
    listeners.add(controller.signal, () => called.push('a')),
    listeners.add(controller.signal, () => called.push('b'))
  ]
  forgets[0]?.()
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1)
  forgets[1]?.()
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
  listeners.add(controller.signal, () => called.push('c'))
  for (const forget of forgets) forget()
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1)
  controller.abort()
  expect(called).toEqual(['c'])
})

test('a callback may forget another, or add one, while they are called', () => {
  const listeners = new SignalListeners()
  const controller = new AbortController()
  const called: string[] = []
  listeners.add(controller.signal, () => {
    called.push('first')
    listeners.add(controller.signal, () => called.push('late'))
  })
  controller.abort()
  expect(called).toEqual(['first'])
})
