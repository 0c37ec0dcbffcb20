import { EventEmitter } from 'node:events'
import { expect, it, onTestFinished } from 'vitest'
import type { SentinelRedis } from '../../../../src/index.js'
import { FaultDesk } from '../../../../src/cli/dashboard/fault-desk.js'
import { Observer } from '../../../../src/cli/dashboard/observer.js'
import { factsWith, withoutPrimary } from '../status-topology.js'

/** Of a group of which no node is known, so that none is asked. */
function observed(): { readonly client: EventEmitter; readonly observer: Observer } {
  const { topology } = withoutPrimary(factsWith({ replicas: [] }))
  const client = Object.assign(new EventEmitter(), {
    topology,
    status: 'connecting',
    stats: () => ({ holdReasons: [] })
  })
  const desk = new FaultDesk(undefined, () => undefined)
  const observer = new Observer({ client: client as unknown as SentinelRedis, desk, load: 0 })
  onTestFinished(() => observer.stop())
  return { client, observer }
}

it('tells trouble once while it lasts, and again when it comes back', () => {
  const { client, observer } = observed()
  const trouble = new Error('the node 10.0.0.1:6379 says WRONGPASS')
  client.emit('error', trouble)
  observer.trouble(trouble)
  expect(observer.feed.told.happenings.map(({ text }) => text)).toEqual([trouble.message])
  client.emit('ready')
  client.emit('error', trouble)
  expect(observer.feed.told.happenings.map(({ text }) => text)).toEqual([trouble.message, trouble.message])
})
