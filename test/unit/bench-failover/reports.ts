import type { ClientName, Trouble } from '../../../bench/failover/catalogue.js'
import type { Measurement } from '../../../bench/failover/measurement.js'
import { makeReport, type Report } from '../../../bench/failover/report.js'

export function measurement(
  fault: Trouble,
  client: ClientName,
  round: number,
  figures: Partial<Measurement> = {}
): Measurement {
  return {
    fault,
    client,
    round,
    at: '2026-01-01T00:00:00.000Z',
    promotionMs: 1400,
    afterPromotionMs: 3,
    writeGapMs: 1500,
    issued: 500,
    acked: 500,
    lost: 0,
    lostAfterPromotion: 0,
    doubled: 0,
    reordered: 0,
    failed: 0,
    failedButPresent: 0,
    unknown: 0,
    unknownPresent: 0,
    hung: 0,
    readGapMs: 12,
    readsOk: 500,
    readsFailed: 0,
    readsHung: 0,
    recovered: true,
    errors: {},
    readErrors: {},
    acks: [10, 10, 0, 10],
    tookMs: 8000,
    ...figures
  }
}

export function report(measurements: readonly Measurement[]): Report {
  return makeReport(
    measurements,
    {
      runs: 2,
      faults: [...new Set(measurements.map(({ fault }) => fault))],
      clients: [...new Set(measurements.map(({ client }) => client))],
      patienceMs: 15_000,
      lanes: 3,
      out: 'somewhere',
      resume: false,
      render: undefined
    },
    {
      date: '2026-01-01T00:00:00.000Z',
      server: 'redis-server 7',
      node: 'v20',
      packages: { ioredis: '6' },
      system: 'Linux',
      processors: '2 x some',
      memoryGiB: 4,
      topology: 'three nodes'
    }
  )
}
