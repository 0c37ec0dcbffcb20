import { describe, expect, it } from 'vitest'
import { computeFigures, type Evidence } from '../../../examples/demo/figures.js'
import type { OperationRecord } from '../../../examples/lib/reporter.js'

const write = (id: number, over: Partial<OperationRecord> = {}): OperationRecord => ({
  kind: 'write',
  id,
  issuedAt: 1000 + id * 10,
  latencyMs: 1,
  outcome: 'ok',
  ...over
})

const figuresOf = (records: readonly OperationRecord[], ids: readonly number[], more: Partial<Evidence> = {}) =>
  computeFigures({
    records,
    issued: { write: records.filter((one) => one.kind === 'write').length },
    list: ids.map((id) => `w:${id}`),
    writerId: 'w',
    ...more
  })

describe('computeFigures', () => {
  it('finds nothing wrong where nothing is', () => {
    const { writes } = figuresOf([write(1), write(2), write(3)], [1, 2, 3])
    expect(writes).toMatchObject({
      ok: 3,
      lost: 0,
      doubled: 0,
      reordered: 0,
      hung: 0,
      failedYetThere: 0,
      longestGapMs: 10
    })
  })

  it('counts what was acknowledged and is not there, before and after the promotion', () => {
    const { writes } = figuresOf([write(1), write(2), write(3), write(4)], [1, 4], { promotedAt: 1030 })
    expect(writes).toMatchObject({ lost: 2, lostAfterPromotion: 1 })
  })

  it('does not call an unknown outcome lost', () => {
    const { writes } = figuresOf([write(1), write(2, { outcome: 'unknown' })], [1])
    expect(writes).toMatchObject({ lost: 0, unknown: 1 })
  })

  it('counts doubled, swapped and resurrected ids', () => {
    const records = [write(1), write(2), write(3), write(4, { outcome: 'failed', error: 'QUEUE_FULL' })]
    expect(figuresOf(records, [1, 3, 2, 3, 4]).writes).toMatchObject({
      doubled: 1,
      reordered: 1,
      failedYetThere: 1,
      firstError: 'QUEUE_FULL'
    })
  })

  it('counts what was issued and never settled as hung', () => {
    expect(figuresOf([write(1)], [1], { issued: { write: 3, read: 2, heartbeat: 1 } })).toMatchObject({
      writes: { hung: 2 },
      reads: { hung: 2 },
      heartbeats: { hung: 1 }
    })
  })

  it('takes for the first ack after the promotion only one that the list holds', () => {
    const records = [write(1), write(2, { latencyMs: 3 }), write(3, { latencyMs: 50 })]
    const { writes } = figuresOf(records, [1, 3], { promotedAt: 1020 })
    expect(writes.firstAckMs).toBe(60)
    expect(writes.firstAckAt).toBe(1080)
  })

  it('knows no first ack without a promotion', () => {
    expect(figuresOf([write(1)], [1]).writes).not.toHaveProperty('firstAckMs')
  })

  it('tells how reads went backwards and how stale they were', () => {
    const read = (id: number, more: Partial<OperationRecord>): OperationRecord => write(id, { kind: 'read', ...more })
    const { reads } = figuresOf(
      [read(1, { stalenessMs: 5 }), read(2, { stalenessMs: 40, wentBackMs: 30 }), read(3, { outcome: 'failed' })],
      []
    )
    expect(reads).toMatchObject({ ok: 2, failed: 1, wentBack: 1, furthestBackMs: 30, staleness: { max: 40 } })
  })

  it('sees a gap that lasts until the end', () => {
    const { writes } = figuresOf([write(1), write(2, { outcome: 'failed' }), write(90, { outcome: 'failed' })], [1])
    expect(writes.longestGapMs).toBe(889)
  })
})
