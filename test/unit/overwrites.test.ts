import { Command } from 'ioredis'
import { expect, test } from 'vitest'
import type { Call } from '../../src/runtime/call.js'
import { issue } from '../../src/runtime/call.js'
import { Overwrites } from '../../src/runtime/overwrites.js'

let sequence = 0

function call(name: string, ...args: string[]): Call {
  const command = new Command(name, args) as Call
  command.promise.catch(() => undefined)
  issue(command, ++sequence, 0, 0)
  return command
}

function following(...calls: readonly Call[]): Overwrites {
  const overwrites = new Overwrites()
  for (const one of calls) {
    overwrites.follow(one)
    overwrites.wrote(one)
  }
  return overwrites
}

test('a later write to the same key that is not made again counts, and one to another key does not', () => {
  const [one, other] = [call('set', 'k', '1'), call('set', 'l', '1')]
  const overwrites = following(one, other)
  overwrites.wrote(call('set', 'k', '2'))
  expect([one, other].map((each) => overwrites.has(each))).toEqual([true, false])
})

test('of those that are made again, one after the other, none is over', () => {
  const all = [call('sadd', 's', 'a'), call('sadd', 's', 'b'), call('srem', 's', 'a')]
  const overwrites = following(...all)
  expect(all.map((each) => overwrites.has(each))).toEqual([false, false, false])
})

test('one that is over itself counts for those before it, by its other keys too', () => {
  const [first, between] = [call('set', 'a', '1'), call('mset', 'a', '2', 'b', '2')]
  const overwrites = following(first, between)
  overwrites.wrote(call('set', 'b', '3'))
  expect([first, between].map((each) => overwrites.has(each))).toEqual([true, true])
  overwrites.forget(between)
  expect(overwrites.has(first)).toBe(true)
})

test('one that has settled counts from its own place on', () => {
  const [first, second, third] = [call('set', 'k', '1'), call('set', 'k', '2'), call('set', 'k', '3')]
  const overwrites = following(first, second, third)
  overwrites.forget(second)
  expect([first, third].map((each) => overwrites.has(each))).toEqual([true, false])
})

test('one that must not be executed twice counts at once', () => {
  const [first, counter] = [call('set', 'n', '1'), call('incr', 'n')]
  const overwrites = following(first, counter)
  expect(overwrites.has(first)).toBe(true)
})

test('one that was made again comes after what was written before that', () => {
  const one = call('set', 'k', '1')
  const overwrites = following(one)
  overwrites.wrote(call('set', 'k', '2'))
  overwrites.wrote(one)
  expect(overwrites.has(one)).toBe(false)
})

test('nothing is kept when nobody is followed', () => {
  const one = call('set', 'k', '1')
  const overwrites = following(one)
  overwrites.wrote(call('set', 'k', '2'))
  overwrites.forget(one)
  expect(overwrites.active).toBe(false)
  const next = call('set', 'k', '3')
  overwrites.follow(next)
  overwrites.wrote(next)
  expect(overwrites.has(next)).toBe(false)
})
