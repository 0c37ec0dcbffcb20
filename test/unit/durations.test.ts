import type { Attributes, Histogram, Meter } from '@opentelemetry/api'
import { tracingChannel } from 'node:diagnostics_channel'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Durations } from '../../src/opentelemetry/durations.js'
import type { AnySentinelRedis, CommandTrace, ContactedNode } from '../../src/index.js'

const SAMPLE = tracingChannel<object, CommandTrace>('ioredis-sentinel:command-sample')

const client = {} as AnySentinelRedis
const primary: ContactedNode = { role: 'primary', address: { host: 'redis-0', port: 6379 }, peer: undefined }
const replica: ContactedNode = {
  role: 'replica',
  address: { host: 'redis-1', port: 6380 },
  peer: { host: '10.0.0.2', port: 6380 }
}

const GET_AT_PRIMARY = {
  'db.system.name': 'redis',
  'db.operation.name': 'GET',
  'db.namespace': '0',
  'server.address': 'redis-0',
  'server.port': 6379
}

describe('durations', () => {
  const recorded: { seconds: number; attributes: Attributes }[] = []
  let end: () => void
  beforeEach(() => {
    recorded.length = 0
    const histogram = {
      record: (seconds: number, attributes: Attributes) => recorded.push({ seconds, attributes })
    } as unknown as Histogram
    end = Durations.follow({ createHistogram: () => histogram } as unknown as Meter, client, 'sampled')
  })
  afterEach(() => {
    end()
  })

  function settle(of: Partial<CommandTrace>): Attributes | undefined {
    const trace = { client, name: 'get', database: 0, node: primary, tookMs: 2, ...of }
    SAMPLE.asyncEnd.publish(trace)
    return recorded.at(-1)?.attributes
  }

  it('are recorded in seconds', () => {
    settle({ tookMs: 12.5 })
    expect(recorded).toEqual([{ seconds: 0.0125, attributes: GET_AT_PRIMARY }])
  })

  it('of like calls have the very same attributes', () => {
    const first = settle({})
    expect(settle({ tookMs: 3 })).toBe(first)
  })

  it('have attributes of their own by command, database, node, outcome, and batch, whatever was recorded before', () => {
    const failed = Object.assign(new Error('WRONGTYPE Operation against a key'), { name: 'ReplyError' })
    for (const _round of [1, 2]) {
      expect(settle({})).toEqual(GET_AT_PRIMARY)
      expect(settle({ name: 'set' })).toEqual({ ...GET_AT_PRIMARY, 'db.operation.name': 'SET' })
      expect(settle({ database: 3 })).toEqual({ ...GET_AT_PRIMARY, 'db.namespace': '3' })
      expect(settle({ node: replica })).toEqual({
        ...GET_AT_PRIMARY,
        'server.address': 'redis-1',
        'server.port': 6380,
        'network.peer.address': '10.0.0.2',
        'network.peer.port': 6380
      })
      expect(settle({ error: failed })).toEqual({
        ...GET_AT_PRIMARY,
        'db.response.status_code': 'WRONGTYPE',
        'error.type': 'WRONGTYPE'
      })
      expect(settle({ name: 'pipeline', batch: ['get', 'get'] })).toEqual({
        ...GET_AT_PRIMARY,
        'db.operation.name': 'PIPELINE GET'
      })
      const { 'server.address': _host, 'server.port': _port, ...nowhere } = GET_AT_PRIMARY
      expect(settle({ node: undefined })).toEqual(nowhere)
    }
  })

  it('are told of any number of names, of which a thousand a node are remembered', () => {
    const name = (call: number): string => `module.command${call}`
    const first = Array.from({ length: 1_100 }, (_, call) => settle({ name: name(call) }))
    expect(settle({ name: name(999) })).toBe(first[999])
    expect(settle({ name: name(1_099) })).not.toBe(first[1_099])
    expect(settle({ name: name(1_099) })).toEqual(first[1_099])
  })
})
