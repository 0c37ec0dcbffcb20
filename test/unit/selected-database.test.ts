import { Command } from 'ioredis'
import { expect, test } from 'vitest'
import type { Call } from '../../src/runtime/call.js'
import { SelectedDatabase } from '../../src/runtime/selected-database.js'

const select = (db: number): Call => new Command('select', [db])

test('of several that wait, those that are not executed leave the database of the last that is, in whichever order they end', () => {
  for (const order of [
    [0, 1],
    [1, 0]
  ]) {
    const database = new SelectedDatabase(7)
    const calls = [select(2), select(3)]
    for (const [at, call] of calls.entries()) database.move(call, at + 2)
    expect(database.now).toBe(3)
    for (const at of order) database.correct(calls[at] as Call, undefined)
    expect(database.now).toBe(7)
  }
  const database = new SelectedDatabase(7)
  const [kept, gone] = [select(2), select(3)]
  database.move(kept, 2)
  database.move(gone, 3)
  database.correct(gone, undefined)
  expect(database.now).toBe(2)
})

test('one that was answered is not taken back, nor one before it', async () => {
  const database = new SelectedDatabase(0)
  const [first, answered, last] = [select(1), select(2), select(3)]
  database.move(first, 1)
  database.move(answered, 2)
  answered.resolve('OK')
  await answered.promise
  database.move(last, 3)
  database.correct(first, undefined)
  database.correct(last, undefined)
  expect(database.now).toBe(2)
})

test('one that is set apart from all others counts from then on', () => {
  const database = new SelectedDatabase(0)
  const waiting = select(1)
  database.move(waiting, 1)
  database.set(6)
  database.correct(waiting, undefined)
  expect(database.now).toBe(6)
})
