import { EventEmitter } from 'node:events'
import { expect, it } from 'vitest'
import { Troubles } from '../../../src/cli/watch/troubles.js'

/** A client, and what is told of it. */
function followed(): { readonly client: EventEmitter; readonly told: string[]; readonly troubles: Troubles } {
  const client = new EventEmitter()
  const told: string[] = []
  return { client, told, troubles: new Troubles(client, (message) => told.push(message)) }
}

const refused = new Error('the node 10.0.0.1:6379 says WRONGPASS')
const silent = new Error('the sentinel 10.0.1.1:26379 says WRONGPASS')

it('is told once while it lasts, whoever tells of it', () => {
  const { client, told, troubles } = followed()
  client.emit('error', refused)
  client.emit('error', silent)
  troubles.met(refused)
  client.emit('error', refused)
  expect(told).toEqual([refused.message, silent.message])
})

it('is told again when it comes back after the client was ready', () => {
  const { client, told } = followed()
  client.emit('error', refused)
  client.emit('ready')
  client.emit('error', refused)
  expect(told).toEqual([refused.message, refused.message])
})

it('is told again of a sentinel that was well meanwhile, and of no other', () => {
  const { client, told } = followed()
  for (const error of [refused, silent]) client.emit('error', error)
  client.emit('sentinel-up', { key: '10.0.1.1:26379' })
  for (const error of [refused, silent]) client.emit('error', error)
  expect(told).toEqual([refused.message, silent.message, silent.message])
})

it('leaves no listener behind', () => {
  const { client, troubles } = followed()
  troubles.silence()
  expect(client.eventNames()).toEqual([])
})
