import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { expect, it, onTestFinished } from 'vitest'
import { FaultDesk } from '../../src/cli/dashboard/fault-desk.js'
import { Feed } from '../../src/cli/dashboard/feed.js'
import type { Message } from '../../src/cli/dashboard/messages.js'
import { DashboardServer } from '../../src/cli/dashboard/server.js'
import { state, timeline } from '../unit/cli/dashboard/examples.js'
import { Listening } from './support/dashboard-client.js'

async function serve(feed: Feed): Promise<string> {
  const desk = new FaultDesk(undefined, () => undefined)
  const server = await DashboardServer.start({
    token: 'T',
    port: 0,
    feed,
    desk,
    assets: { html: '', script: '', style: '' }
  })
  onTestFinished(() => server.stop())
  return server.url
}

/** A page that has asked for the events and reads none of them yet. */
async function unread(url: string): Promise<IncomingMessage> {
  const asked = request(`${url}events`, { agent: false })
  asked.end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  onTestFinished(() => void response.destroy())
  return response
}

/** As full as a feed becomes: each of its failovers was long, and made of many words and calls. */
function fullFeed(): Feed {
  const feed = new Feed(state())
  const told = timeline()
  const entries = Array.from({ length: 1_000 }, (_, afterMs) => ({
    ...{ at: told.startedAt + afterMs, afterMs, who: 'sentinel 10.0.1.1:26379', what: '+sdown' },
    detail: 'replica 10.0.0.1:6379 10.0.0.1 6379 @ mymaster 10.0.0.2 6379'
  }))
  for (let call = 0; call < 4_000; call++)
    feed.called({ kind: call % 2 === 0 ? 'write' : 'read', at: told.startedAt + call / 20, tookMs: 1234.567, ok: true })
  for (let index = 0; index < 20; index++) feed.timeline({ ...told, entries }).complete()
  return feed
}

it('a page that opens is told all, however much that is', async () => {
  const feed = fullFeed()
  expect(JSON.stringify(feed.told).length).toBeGreaterThan(4 * 2 ** 20)
  using page = await Listening.to(await serve(feed))
  const { timelines } = await page.heard('hello')
  expect(timelines.map(({ callsMade, entries }) => [callsMade, entries.length])).toEqual(
    Array.from({ length: 20 }, () => [4_000, 1_000])
  )
  feed.state(state({ at: 7_000 }))
  await page.heard('state', ({ state: { at } }) => at === 7_000)
})

it('a page that is slow to read it is told what comes meanwhile', async () => {
  const feed = fullFeed()
  const response = await unread(await serve(feed))
  for (let at = 0; at < 100; at++) feed.state(state({ at }))
  feed.state(state({ at: 7_000 }))
  const parts: string[] = []
  let end = ''
  for await (const part of response.setEncoding('utf8')) {
    parts.push(String(part))
    end = (end + String(part)).slice(-10_000)
    if (end.endsWith('\n\n') && end.includes('"at":7000')) break
  }
  const kinds = parts
    .join('')
    .match(/(?<=^data: )\{"kind":"\w+"/gm)
    ?.map((start) => (JSON.parse(`${start}}`) as Message).kind)
  expect(kinds).toEqual(['hello', ...Array.from({ length: 101 }, () => 'state')])
})

it('a page that reads nothing is cut off', async () => {
  const feed = new Feed(state())
  const response = await unread(await serve(feed))
  const long = 'x'.repeat(2 ** 20)
  // What the system holds for a connection is some megabytes.
  for (let times = 0; times < 64; times++) feed.happened({ at: 0, event: 'trouble', text: long, isBad: false })
  await expect(response.toArray()).rejects.toMatchObject({ code: 'ECONNRESET' })
})
