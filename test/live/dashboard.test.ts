import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readAddress } from '../../src/cli/address.js'
import { askServer } from '../../src/cli/ask-server.js'
import type { State } from '../../src/cli/dashboard/messages.js'
import { Child } from './child.js'
import { ask, Listening } from './support/dashboard-client.js'
import { eventually } from './support/server-view.js'
import { COMMAND_LINE } from './support/command-line.js'

interface Served {
  readonly url: string
  readonly dashboard: string
  readonly nodes: readonly { readonly address: string }[]
}

const cli = (...args: readonly string[]): Child => new Child(COMMAND_LINE, args)

/** Nothing is left of what another test did. */
function allIsWell({ group: { phase, nodes, sentinels } }: State): boolean {
  const up = nodes.filter(({ state }) => state === 'up').length
  return phase === 'stable' && up === 3 && sentinels.filter(({ note }) => note === '').length === 3
}

async function served(child: Child): Promise<string> {
  await eventually(() => {
    if (child.process.exitCode !== null) throw new Error(`it ended: ${child.stderr}`)
    expect(child.stdout).toMatch(/\n$/)
  }, 60_000)
  return child.stdout
}

let local: Child
let group: string
let url: string
let nodes: Served['nodes']
beforeAll(async () => {
  local = cli('local', '--dashboard', '--down-after', '1000', '--json')
  ;({ url: group, dashboard: url, nodes } = JSON.parse(await served(local)) as Served)
})
afterAll(() => local[Symbol.asyncDispose]())

describe('the page', () => {
  const names = ['', 'page.js', 'page.css', 'events', 'state', 'nowhere'] as const

  it('is bound to 127.0.0.1', async () => {
    expect(new URL(url).hostname).toBe('127.0.0.1')
    const elsewhere = ask(url.replace('127.0.0.1', '127.0.0.2'), { headers: { host: new URL(url).host } })
    await expect(elsewhere).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it.each(names)('is refused at /%s without the token, or with another one', async (name) => {
    const { origin } = new URL(url)
    for (const wrong of [`${origin}/${name}`, `${origin}/${'A'.repeat(32)}/${name}`])
      expect(await ask(wrong)).toMatchObject({ status: 403, body: expect.stringContaining('token') as string })
  })

  it.each(names)('is refused at /%s by another name of this machine, and to a page of another site', async (name) => {
    const { port } = new URL(url)
    const rebound = await ask(url + name, { headers: { host: `rebound.example:${port}` } })
    expect(rebound.status).toBe(421)
    const other = await ask(url + name, { headers: { origin: 'http://other.example' } })
    expect(other.status).toBe(403)
  })

  it('is there at any port of this machine that leads to it, with its buttons', async () => {
    for (const host of ['127.0.0.1', 'localhost:9090', '[::1]:9090']) {
      expect((await ask(url, { headers: { host } })).status).toBe(200)
      const heal = (origin: string) => ask(`${url}heal`, { method: 'POST', headers: { host, origin } })
      expect((await heal(`http://${host}`)).status).toBe(200)
      expect((await heal(new URL(url).origin)).status).toBe(403)
    }
  })

  it('may load nothing from elsewhere, is not kept, and is not shown in a frame', async () => {
    for (const name of ['', 'page.js', 'page.css']) {
      const { status, headers, body } = await ask(url + name)
      expect(status).toBe(200)
      expect(headers['content-security-policy']).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
      )
      expect(headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
      expect(headers['access-control-allow-origin']).toBeUndefined()
      expect(body.length).toBeGreaterThan(1000)
    }
  })
})

describe('on local', () => {
  it('a press of kill is told as it happens, up to the timeline with the calls that waited, and is healed', async () => {
    using page = await Listening.to(url)
    expect(page.headers['content-type']).toBe('text/event-stream; charset=utf-8')
    const { state: before } = await page.heard(
      'state',
      ({ state }) => state.group.phase === 'stable' && state.client.written > 5
    )
    expect(before.group.nodes.map(({ role }) => role)).toEqual(['primary', 'replica', 'replica'])
    expect(before.faults.faults.map(({ name }) => name)).toEqual(expect.arrayContaining(['kill', 'freeze', 'manual']))
    const old = before.group.nodes[0]?.address ?? ''
    await page.heard('sample', ({ sample }) => (sample.nodes[old]?.ops ?? 0) > 0 && sample.slowestWriteMs !== null)

    const killed = await ask(`${url}faults/kill`, { method: 'POST' })
    expect([killed.status, JSON.parse(killed.body)]).toEqual([200, { ok: true, text: `primary: node ${old} killed` }])
    await page.heard('state', ({ state }) => state.faults.toHeal.length === 1)
    await page.heard('state', ({ state }) => ['suspect', 'failover'].includes(state.group.phase))
    const { timeline } = await page.heard('timeline', ({ timeline: told }) =>
      told.calls.some(({ at }) => at > told.endedAt)
    )
    expect(timeline).toMatchObject({ outcome: 'moved', from: old })
    expect(timeline.entries.map(({ what }) => what)).toContain('+odown')
    const waited = timeline.calls.filter(({ kind, ok, tookMs }) => kind === 'write' && ok && tookMs > 200)
    expect(waited.length).toBeGreaterThan(0)
    const { state: after } = await page.heard(
      'state',
      ({ state }) => state.group.nodes[0]?.address === timeline.to && state.group.phase === 'stable'
    )
    expect(after.group.nodes.map(({ role }) => role)).toContain('primary')
    expect(page.messages.flatMap((one) => (one.kind === 'happening' ? [one.happening.event] : []))).toEqual(
      expect.arrayContaining(['fault', 'failover-started', 'primary-changed', 'failover'])
    )

    expect(await ask(`${url}heal`, { method: 'POST' })).toMatchObject({ status: 200 })
    const healedAt = Date.now()
    await page.heard('state', ({ state }) => state.at > healedAt && allIsWell(state))
    using late = await Listening.to(url)
    const hello = await late.heard('hello')
    expect(hello.timelines.map(({ id }) => id)).toContain(timeline.id)
    expect(hello.state.faults.toHeal).toEqual([])
  })

  it('says of a node that cannot be reached why', async () => {
    using page = await Listening.to(url)
    expect((await ask(`${url}faults/replica-kill`, { method: 'POST' })).status).toBe(200)
    await page.heard('state', ({ state }) =>
      state.group.nodes.some(({ numbers }) => numbers.error.startsWith('connect ECONNREFUSED 127.'))
    )
    expect(await ask(`${url}heal`, { method: 'POST' })).toMatchObject({ status: 200 })
    const healedAt = Date.now()
    await page.heard('state', ({ state }) => state.at > healedAt && allIsWell(state))
  })

  it('does nothing that comes long after its page heard the tool, and says so among the events', async () => {
    using page = await Listening.to(url)
    const { state } = await page.heard('state', ({ state: told }) => allIsWell(told))
    const press = (name: string, toldAt: number) =>
      ask(url + name, { method: 'POST', headers: { 'told-at': String(toldAt) } })
    for (const name of ['faults/kill', 'heal']) {
      const late = await press(name, state.at - 60_000)
      const text = expect.stringMatching(/^a press of (kill|heal) came \d+ s after .*: nothing was done$/) as unknown
      expect([late.status, JSON.parse(late.body)]).toEqual([409, { ok: false, text }])
      const { text: said } = JSON.parse(late.body) as { readonly text: string }
      await page.heard('happening', ({ happening }) => happening.text === said && happening.isBad)
    }
    expect((await press('heal', Date.now())).status).toBe(200)
    const pressedAt = Date.now()
    const { state: after } = await page.heard('state', ({ state: told }) => told.at > pressedAt)
    expect(after.faults.toHeal).toEqual([])
  })

  it('refuses a fault that is none', async () => {
    expect(await ask(`${url}faults/burn`, { method: 'POST' })).toMatchObject({
      status: 404,
      body: expect.stringContaining('kill') as string
    })
    expect((await ask(`${url}faults/kill`)).status).toBe(404)
  })
})

describe('on a group of somebody’s', () => {
  const token = /^dashboard {2}(http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}\/)$/m

  it('no fault is done, and nothing is written, without being allowed', async () => {
    await using dashboard = cli('dashboard', '--url', group)
    const own = token.exec(await served(dashboard))?.[1] ?? ''
    expect(own).not.toBe('')
    using page = await Listening.to(own)
    const { state } = await page.heard('state', ({ state: told }) => told.client.status === 'ready')
    expect([state.faults.faults, state.client.load]).toEqual([[], 0])
    for (const fault of ['kill', 'manual'])
      expect(await ask(`${own}faults/${fault}`, { method: 'POST' })).toMatchObject({
        status: 403,
        body: expect.stringContaining('--allow-faults') as string
      })
    expect((await ask(`${own}heal`, { method: 'POST' })).status).toBe(403)
    await page.heard('sample')
    expect((await page.heard('state', ({ state: told }) => told.at > state.at)).state.client.written).toBe(0)
    dashboard.process.kill('SIGINT')
    expect(await dashboard.ended()).toBe(0)
  })

  it('says of a node that refuses INFO what it says', async () => {
    const user = ['uninformed', 'on', '>pw', '~*', '&*', '+@all', '-info']
    for (const { address } of nodes)
      await askServer({ address: readAddress(address), access: {}, timeoutMs: 20_000 }, (link) =>
        link.call('ACL', 'SETUSER', ...user)
      )
    await using dashboard = cli('dashboard', '--url', group, '--username', 'uninformed', '--password', 'pw', '--json')
    const { url: own } = JSON.parse(await served(dashboard)) as { readonly url: string }
    using page = await Listening.to(own)
    await page.heard(
      'state',
      ({ state }) => state.group.nodes.filter(({ numbers }) => /^NOPERM .*'info'/.test(numbers.error)).length === 3
    )
  })

  it('--allow-faults moves the primary, after the page has asked, and kills nothing', async () => {
    await using dashboard = cli('dashboard', '--url', group, '--allow-faults', '--json')
    const { url: own } = JSON.parse(await served(dashboard)) as { readonly url: string }
    using page = await Listening.to(own)
    const { state } = await page.heard('state', ({ state: told }) => allIsWell(told))
    expect(state.faults).toMatchObject({ confirm: true })
    expect(state.faults.faults.map(({ name }) => name)).toEqual(['coordinated-failover', 'manual'])
    expect((await ask(`${own}faults/kill`, { method: 'POST' })).status).toBe(404)
    const moved = await ask(`${own}faults/coordinated-failover`, { method: 'POST' })
    expect([moved.status, moved.body]).toEqual([200, expect.stringMatching(/moved {2}127\.\S+ → 127\.\S+ in \d+ ms/)])
    await page.heard('timeline', ({ timeline }) => timeline.from === state.group.nodes[0]?.address)
  })

  it('says what is wrong, and goes on trying where there is no group', async () => {
    await using taken = cli('dashboard', '--url', group, '--port', new URL(url).port)
    expect([await taken.ended(), taken.stderr]).toEqual([1, expect.stringContaining('EADDRINUSE')])
    await using asJson = cli('dashboard', '--url', group, '--port', new URL(url).port, '--json')
    expect(await asJson.ended()).toBe(1)
    expect(asJson.stdout, asJson.stderr).not.toBe('')
    expect(JSON.parse(asJson.stdout)).toEqual({
      outcome: 'failed',
      problem: expect.stringContaining('EADDRINUSE') as unknown
    })
    await using wrong = cli('dashboard', '--url', group, '--port', '70000')
    expect(await wrong.ended()).toBe(2)
    await using nobody = cli('dashboard', '--sentinels', '127.0.0.1:1', '--name', 'none', '--for', '4000', '--json')
    const { url: own } = JSON.parse(await served(nobody)) as { readonly url: string }
    using page = await Listening.to(own)
    await page.heard(
      'state',
      ({ state }) => state.group.phase === 'unknown' && state.group.sentinels.some(({ reachable }) => !reachable)
    )
    expect(await nobody.ended()).toBe(0)
  })
})

it('ends with ctrl-C while a fault waits for a primary', async () => {
  await using alone = cli('local', '--dashboard', '--replicas', '0', '--json')
  const { dashboard } = JSON.parse(await served(alone)) as Served
  using page = await Listening.to(dashboard)
  expect((await ask(`${dashboard}faults/kill`, { method: 'POST' })).status).toBe(200)
  const waiting = ask(`${dashboard}faults/freeze`, { method: 'POST' }).catch((error: unknown) => error)
  await page.heard('state', ({ state }) => state.faults.busy)
  alone.process.kill('SIGINT')
  expect(await Promise.race([alone.ended(), sleep(20_000, 'still there', { ref: false })])).toBe(0)
  await waiting
})

it('ends with ctrl-C while pages are open', async () => {
  using page = await Listening.to(url)
  await page.heard('hello')
  local.process.kill('SIGINT')
  expect(await local.ended()).toBe(0)
  await expect(ask(url)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})
