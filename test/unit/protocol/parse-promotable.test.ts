import { describe, expect, it } from 'vitest'
import { failoverRefusal } from '../../../src/protocol/failover-reply.js'
import { failoverUnderWay, parsePromotables } from '../../../src/protocol/parse-promotable.js'

const replica = (fields: Readonly<Record<string, string>>): string[] =>
  Object.entries({ ip: '10.0.0.2', port: '6379', flags: 'slave', 'slave-priority': '100', ...fields }).flat()

describe('who may be promoted', () => {
  it('is every replica that the sentinel is connected to and that has a priority', () => {
    expect(parsePromotables([replica({ 'info-refresh': '642' })])).toEqual([
      { address: { host: '10.0.0.2', port: 6379 }, promoted: false, infoAgeMs: 642 }
    ])
  })

  it.each([
    ['slave,s_down', 'is s_down'],
    ['o_down,slave', 'is o_down'],
    ['slave,disconnected', 'is disconnected']
  ])('is not one with the flags %s', (flags, unfit) => {
    expect(parsePromotables([replica({ flags })])).toMatchObject([{ unfit }])
  })

  it('is not one with priority 0', () => {
    expect(parsePromotables([replica({ 'slave-priority': '0' })])).toMatchObject([{ unfit: 'has replica-priority 0' }])
  })

  it('is marked once it was', () => {
    expect(parsePromotables([replica({ flags: 'slave,promoted' })])).toMatchObject([{ promoted: true }])
  })

  it('leaves out what has no address', () => {
    expect(parsePromotables([replica({ ip: '' })])).toEqual([])
  })

  it('refuses what is no list', () => {
    expect(() => parsePromotables('OK')).toThrow(/SENTINEL REPLICAS answered "OK"; expected a list/)
  })
})

it('tells a sentinel that is busy with a failover by its flags', () => {
  expect(failoverUnderWay(['flags', 'master,failover_in_progress,force_failover'])).toBe(true)
  expect(failoverUnderWay(['flags', 'master,o_down'])).toBe(false)
})

describe('a refusal', () => {
  it.each([
    ['INPROG Failover already in progress', 'under-way'],
    ['NOGOODSLAVE No suitable replica to promote', 'nobody-fit'],
    ['ERR No such master with that name', 'unknown-name'],
    ["NOPERM User watcher has no permissions to run the 'sentinel|failover' command", 'not-allowed'],
    ["ERR wrong number of arguments for 'sentinel|failover' command", 'unknown-words'],
    ['the sentinel does not answer within 1000 ms', 'other']
  ])('%s', (message, refusal) => {
    expect(failoverRefusal(message)).toBe(refusal)
  })
})
