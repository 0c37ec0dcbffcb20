import { type Logger, pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { OutageLog } from '../../src/observe/outage-log.js'
import { Repeats } from '../../src/observe/repeats.js'
import { ReplicaLog } from '../../src/observe/replica-log.js'
import { StandstillLog } from '../../src/observe/standstill-log.js'
import type { Topology } from '../../src/topology/topology.js'

let said: { readonly level: number; readonly msg: string; readonly repeats?: number }[] = []
let log: Logger

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  said = []
  log = pino({ level: 'info' }, { write: (line: string) => void said.push(JSON.parse(line) as never) })
})
afterEach(() => {
  vi.useRealTimers()
})

const lines = (): string[] => said.map(({ level, msg }) => `${level} ${msg}`)

describe('what repeats', () => {
  it('is told once a minute, with how often it was left out', () => {
    const repeats = new Repeats()
    expect(repeats.next('a', 0)).toBe(0)
    for (let at = 1_000; at < 60_000; at += 1_000) expect(repeats.next('a', at)).toBeUndefined()
    expect(repeats.next('b', 30_000)).toBe(0)
    expect(repeats.next('a', 60_000)).toBe(59)
    expect(repeats.next('a', 120_000)).toBe(0)
  })
})

describe('calls that wait', () => {
  it('are not told when it is soon over', () => {
    const standstill = new StandstillLog(log)
    for (let times = 0; times < 100; times++) {
      standstill.began(() => ({}))
      vi.advanceTimersByTime(9_000)
      standstill.over()
    }
    vi.advanceTimersByTime(600_000)
    expect(lines()).toEqual([])
  })

  it('are told after ten seconds, once a minute, and when it is over', () => {
    const standstill = new StandstillLog(log)
    let waiting = 0
    standstill.began(() => ({ waiting }))
    for (; waiting < 200; waiting++) {
      standstill.began(() => ({}))
      vi.advanceTimersByTime(1_000)
    }
    standstill.over()
    expect(lines()).toEqual([
      ...Array.from({ length: 4 }, () => '40 calls wait for the primary'),
      '30 calls wait no longer'
    ])
    expect(said[1]).toMatchObject({ waitedMs: 70_000, waiting: 69 })
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('sentinels that cannot be reached', () => {
  const KEY = '10.0.1.1:26379'
  const seen = (sentinel: object): Topology => ({ sentinels: [{ key: KEY, ...sentinel }] }) as unknown as Topology
  const reached = seen({ reachable: true })
  const failed = (error = 'ECONNREFUSED'): Topology => seen({ reachable: false, error })

  it('are told when it begins and when it is over', () => {
    const outage = new OutageLog(log)
    outage.follow(seen({ reachable: false }))
    expect(lines()).toEqual([])
    outage.follow(failed())
    vi.advanceTimersByTime(5_000)
    outage.follow(reached)
    vi.advanceTimersByTime(600_000)
    expect(lines()).toEqual(['40 no sentinel can be reached', '30 sentinels can be reached again'])
    expect(said[1]).toMatchObject({ outageMs: 5_000 })
    expect(vi.getTimerCount()).toBe(0)
  })

  it('are told once a minute while it lasts, with the errors of then', () => {
    const outage = new OutageLog(log)
    outage.follow(failed('ECONNREFUSED'))
    vi.advanceTimersByTime(30_000)
    outage.follow(failed('ETIMEDOUT'))
    vi.advanceTimersByTime(100_000)
    outage.follow(reached)
    expect(lines()).toEqual([
      ...Array.from({ length: 3 }, () => '40 no sentinel can be reached'),
      '30 sentinels can be reached again'
    ])
    expect(said[0]).toMatchObject({ sentinels: { [KEY]: 'ECONNREFUSED' } })
    expect(said[1]).toMatchObject({ outageMs: 60_000, sentinels: { [KEY]: 'ETIMEDOUT' } })
    expect(said[1]).not.toHaveProperty('repeats')
  })

  it('are told once a minute when they come and go, and in a minute of one that lasts', () => {
    const outage = new OutageLog(log)
    for (let times = 0; times < 10; times++) {
      outage.follow(failed())
      vi.advanceTimersByTime(2_000)
      outage.follow(reached)
      vi.advanceTimersByTime(2_000)
    }
    expect(lines()).toEqual(['40 no sentinel can be reached', '30 sentinels can be reached again'])
    outage.follow(failed())
    vi.advanceTimersByTime(19_999)
    expect(said).toHaveLength(2)
    vi.advanceTimersByTime(1)
    expect(said.slice(2)).toMatchObject([{ msg: 'no sentinel can be reached', outageMs: 20_000, repeats: 10 }])
    outage.follow(reached)
    expect(said.slice(3)).toMatchObject([{ msg: 'sentinels can be reached again', outageMs: 20_000 }])
  })
})

describe('a replica that is not read from', () => {
  const address = { host: '10.0.0.1', port: 6379 }

  it('is told when it lasts, and when it is over', () => {
    const replicas = new ReplicaLog(log, () => false)
    replicas.out({ address, reason: 'silent' })
    vi.advanceTimersByTime(4_999)
    expect(lines()).toEqual([])
    vi.advanceTimersByTime(1)
    replicas.back({ address, reason: 'silent', outMs: 5_000 })
    expect(lines()).toEqual(['40 a replica is not read from', '30 a replica is read from again'])
  })

  it('is told once a minute when it comes and goes', () => {
    const replicas = new ReplicaLog(log, () => false)
    for (let times = 0; times < 10; times++) {
      replicas.out({ address, reason: 'lost' })
      vi.advanceTimersByTime(6_000)
      replicas.back({ address, reason: 'lost', outMs: 6_000 })
    }
    expect(lines()).toEqual(['40 a replica is not read from', '30 a replica is read from again'])
    replicas.out({ address, reason: 'lost' })
    vi.advanceTimersByTime(6_000)
    expect(said.at(-1)).toMatchObject({ msg: 'a replica is not read from', repeats: 9 })
  })

  it('is not told of one that was promoted', () => {
    const replicas = new ReplicaLog(log, () => true)
    replicas.out({ address, reason: 'removed' })
    vi.advanceTimersByTime(60_000)
    expect(lines()).toEqual([])
  })
})
