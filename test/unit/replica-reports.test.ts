import { describe, expect, it } from 'vitest'
import { ReplicaReports } from '../../src/runtime/replica-reports.js'

const address = { host: '10.0.0.2', port: 6379 }
const READS = { reads: true } as const
const UNKNOWN = { reads: false, why: 'unknown' } as const
const SILENT = { reads: false, why: { reason: 'silent' } } as const
const LAGS = { reads: false, why: { reason: 'lag', lagMs: 700 } } as const

/** What is told of one replica whose standing becomes these, one after the other. */
function told(...standings: readonly Parameters<ReplicaReports['note']>[1][]): unknown[] {
  const events: unknown[] = []
  const reports = reporting(events)
  for (const standing of standings) reports.note(address, standing)
  expect(events).toEqual([])
  reports.tell()
  return events
}

function reporting(events: unknown[]): ReplicaReports {
  return new ReplicaReports({
    onOut: ({ reason, lagMs }) => events.push(['out', reason, lagMs]),
    onBack: ({ reason }) => events.push(['back', reason])
  })
}

describe('of a replica is told', () => {
  it.each([
    ['nothing before it was read from', [UNKNOWN, SILENT, UNKNOWN, READS], []],
    ['that it is out, once, for the first reason', [READS, SILENT, SILENT, LAGS], [['out', 'silent', undefined]]],
    ['nothing when it is not known yet whether it is fit', [READS, UNKNOWN, READS], []],
    ['that it is out when that is known', [READS, UNKNOWN, LAGS], [['out', 'lag', 700]]],
    ['that it is back, only when it is read from', [READS, LAGS, UNKNOWN], [['out', 'lag', 700]]],
    [
      'that it is back, with the reason that was told',
      [READS, LAGS, SILENT, READS, READS],
      [
        ['out', 'lag', 700],
        ['back', 'lag']
      ]
    ]
  ])('%s', (_, standings, events) => {
    expect(told(...standings)).toEqual(events)
  })

  it('that it was removed, and nothing more', () => {
    const events: unknown[] = []
    const reports = reporting(events)
    reports.note(address, READS)
    reports.forget(address)
    reports.note(address, SILENT)
    reports.note(address, READS)
    reports.tell()
    expect(events).toEqual([['out', 'removed', undefined]])
  })
})
