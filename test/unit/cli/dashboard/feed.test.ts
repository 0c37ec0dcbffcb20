import { describe, expect, it } from 'vitest'
import { withMessage } from '../../../../src/cli/browser/dashboard/view/told.js'
import { Feed } from '../../../../src/cli/dashboard/feed.js'
import type { Told } from '../../../../src/cli/dashboard/messages.js'
import { sample, state, timeline } from './examples.js'

describe('Feed', () => {
  it('leaves every page with the same, whenever it came', () => {
    const feed = new Feed(state())
    const pages: (Told | undefined)[] = []
    const open = (): void => {
      const index = pages.push(undefined) - 1
      feed.listen((message) => (pages[index] = withMessage(pages[index], message)))
    }
    open()
    for (let index = 0; index < 700; index++) {
      feed.sample(sample({ at: index }))
      feed.happened({ at: index, event: 'phase', text: `phase ${index}`, isBad: false })
      if (index === 300) open()
    }
    const reports = Array.from({ length: 25 }, (_, index) => feed.timeline({ ...timeline(), epoch: index }))
    feed.called({ kind: 'write', at: timeline().startedAt, tookMs: 1, ok: true })
    reports.at(-2)?.complete()
    feed.state(state({ at: 700 }))
    open()
    expect(pages[2]).toEqual(feed.told)
    expect(pages[0]).toEqual(pages[2])
    expect(pages[1]).toEqual(pages[2])
    expect(feed.told).toMatchObject({ state: { at: 700 }, samples: { length: 600 }, happenings: { length: 200 } })
    expect(feed.told.timelines.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 20 }, (_, index) => index + 5))
  })

  it('gives a timeline the calls around it, and those that follow when it is complete', () => {
    const feed = new Feed(state())
    const { startedAt, endedAt } = timeline()
    const call = (at: number) => feed.called({ kind: 'write', at, tookMs: 1, ok: true })
    call(startedAt - 1001)
    call(startedAt - 1000)
    const report = feed.timeline(timeline())
    expect(feed.told.timelines[0]?.calls.map(({ at }) => at)).toEqual([startedAt - 1000])
    call(endedAt + 2000)
    call(endedAt + 2001)
    report.complete()
    expect(feed.told.timelines).toHaveLength(1)
    expect(feed.told.timelines[0]?.calls.map(({ at }) => at)).toEqual([startedAt - 1000, endedAt + 2000])
  })

  it('gives a timeline so many calls that 20 are told at once, and says how many there were', () => {
    const feed = new Feed(state())
    const { startedAt } = timeline()
    const all = Array.from({ length: 5_000 }, (_, index) => ({
      ...{ kind: 'write' as const, at: startedAt + index / 5, tookMs: index % 100, ok: index % 100 !== 7 }
    }))
    for (const call of all) feed.called(call)
    for (let index = 0; index < 20; index++) feed.timeline(timeline()).complete()
    for (const { calls, callsMade } of feed.told.timelines) expect([calls.length, callsMade]).toEqual([3_000, 5_000])
    expect(JSON.stringify(feed.told).length).toBeLessThan(4 * 2 ** 20)
  })

  it('tells a page that has gone nothing more', () => {
    const feed = new Feed(state())
    let heard = 0
    const stop = feed.listen(() => (heard += 1))
    stop()
    feed.state(state())
    expect(heard).toBe(1)
  })
})
