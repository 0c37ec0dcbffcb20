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
