import { setTimeout as sleep } from 'node:timers/promises'
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, type TestContext } from 'vitest'
import type { Told } from '../../src/cli/dashboard/messages.js'
import { Child } from './child.js'
import { NO_BROWSER, openBrowser, watchPage } from './support/browser.js'
import { eventually } from './support/server-view.js'
import { COMMAND_LINE } from './support/command-line.js'

const cli = (...args: readonly string[]): Child => new Child(COMMAND_LINE, args)

let browser: Browser | undefined
let local: Child | undefined
let url = ''
let group = ''
beforeAll(async () => {
  browser = await openBrowser()
  if (browser === undefined) return
  const child = (local = cli('local', '--dashboard', '--down-after', '1500', '--json'))
  await eventually(() => expect(child.stdout).toMatch(/\n$/), 60_000)
  const told = JSON.parse(child.stdout) as { readonly dashboard: string; readonly url: string }
  url = told.dashboard
  group = told.url
})
afterAll(async () => {
  await browser?.close()
  local?.process.kill('SIGINT')
  await local?.ended()
})

/** A page of its own, of this width, at the URL. `before`: a script that runs before those of the page. */
async function open(
  context: TestContext,
  width: number,
  at = url,
  colorScheme: 'light' | 'dark' = 'light',
  before?: string
) {
  if (browser === undefined) return context.skip(NO_BROWSER)
  const profile = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, reducedMotion: 'reduce' })
  context.onTestFinished(() => profile.close())
  const page = await profile.newPage()
  page.setDefaultTimeout(20_000)
  const watched = watchPage(page)
  if (before !== undefined) await page.addInitScript(before)
  await page.goto(at)
  return { page, ...watched }
}

const stable = (page: Page): Promise<void> => page.locator('#phase.stable').waitFor()
const live = (page: Page): Promise<void> => page.locator('#link:not(.lost)', { hasText: 'live' }).waitFor()
const NOT_ASKED = 'the tool is not heard: nothing was asked of it'
/** What was pressed, of all that a page asked for. */
const pressesOf = (asked: readonly string[]): string[] =>
  asked.flatMap((each) => /\/(faults\/[a-z-]+|heal)$/.exec(each)?.[1] ?? [])
const addressOfPrimary = async (page: Page): Promise<string> =>
  (await page.locator('#topology .primary title').textContent()) ?? ''

it('open, watch, press kill, see the failover drawn, open the timeline, heal', async (context) => {
  const { page, asked, wrong } = await open(context, 1280)
  await stable(page)
  // Watch.
  await page.locator('#topology .replica.up').nth(1).waitFor()
  await page.locator('#topology .sentinel.up').nth(2).waitFor()
  await page.locator('#own-calls canvas').waitFor()
  await page.locator('#own').getByText('written', { exact: true }).waitFor()
  const old = await addressOfPrimary(page)
  expect(await page.getByRole('img', { name: `primary ${old}` }).count()).toBe(1)
  await expectWritesOn(page, '#own-calls canvas')

  // Press kill, see it drawn.
  await page.getByRole('button', { name: 'kill', exact: true }).click()
  await page.locator('#topology .primary.down').waitFor()
  await page.locator('#outcome', { hasText: `primary: node ${old} killed` }).waitFor()
  await page.locator(`#topology .primary.up title`).filter({ hasNotText: old }).waitFor({ state: 'attached' })
  await stable(page)
  await page.locator('#topology .replica.down title').filter({ hasText: old }).waitFor({ state: 'attached' })
  await page
    .locator('#event-list .e-primary-changed')
    .filter({ hasText: `primary: ${old} →` })
    .waitFor()

  await page.locator('#event-list .e-replica-down:not(.bad)').filter({ hasText: 'is the primary now' }).waitFor()
  await page.locator('#event-list .e-fault.bad').waitFor()

  // Open the timeline.
  const failover = page.locator('#failovers details').filter({ hasText: `${old} →` })
  await failover.locator('summary').click()
  const [first] = await failover.locator('tbody tr td:nth-child(3)').allTextContents()
  expect(first).toBeDefined()
  expect(await failover.locator('tbody tr td:nth-child(3)').allTextContents()).toEqual(
    expect.arrayContaining(['+odown', 'moved'])
  )
  await expectWritesOn(page, '#failovers canvas')

  // Heal.
  await page.getByRole('button', { name: 'Heal it' }).click()
  await page.locator('#topology .replica.up title').filter({ hasText: old }).waitFor({ state: 'attached' })
  expect(await page.locator('#heal').isHidden()).toBe(true)

  // No other host was asked, and nothing was refused or thrown.
  expect([...new Set(asked.map((each) => new URL(each).origin))]).toEqual([new URL(url).origin])
  expect(wrong).toEqual([])
})

for (const width of [320, 390, 768]) {
  it(`fits a width of ${width} without scrolling sideways, with a timeline open too`, async (context) => {
    const { page } = await open(context, width)
    await stable(page)
    await page.locator('#own-calls canvas').waitFor()
    await page.locator('#failovers summary').first().click()
    await page.locator('#failovers canvas').waitFor()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
  })
}

for (const scheme of ['light', 'dark'] as const) {
  it(`has nothing that axe finds, ${scheme}`, async (context) => {
    const { page } = await open(context, 1280, url, scheme)
    await stable(page)
    await page.locator('#failovers summary').first().click()
    expect(await faultsOfAccess(page)).toEqual([])
  })
}

/** Has the tool stand still, until the test has ended at the latest. */
function standStill(context: TestContext): void {
  context.onTestFinished(goOn)
  local?.process.kill('SIGSTOP')
}
const goOn = (): void => void local?.process.kill('SIGCONT')

for (const scheme of ['light', 'dark'] as const) {
  it(`says that the tool is not heard that stands still, as legibly, and that it is again, ${scheme}`, async (context) => {
    const { page } = await open(context, 1280, url, scheme)
    await stable(page)
    await live(page)
    await page.locator('#failovers summary').first().click()
    const look = (): Promise<string[]> =>
      page.evaluate(
        `[getComputedStyle(document.querySelector('.at-topology')).filter, getComputedStyle(document.body, '::after').content]`
      )
    expect([await look(), await page.title()]).toEqual([['none', 'none'], 'stable · mymaster · ioredis-sentinel'])
    standStill(context)
    await page.locator('#link.lost', { hasText: 'does not answer' }).waitFor()
    expect(await look()).toEqual(['grayscale(1)', '""'])
    expect(await page.title()).toBe('not heard · ioredis-sentinel')
    expect(await faultsOfAccess(page)).toEqual([])
    goOn()
    await live(page)
    expect(await look()).toEqual(['none', 'none'])
    expect(await page.title()).toContain('mymaster')
  })
}

it('asks nothing of a tool that is not heard, and says so', async (context) => {
  const { page, asked } = await open(context, 1280)
  await stable(page)
  await page.getByRole('button', { name: 'replica freeze' }).click()
  await page.locator('#outcome', { hasText: 'frozen' }).waitFor()
  await page.locator('#heal').waitFor()
  standStill(context)
  await page.locator('#link.lost').waitFor()
  for (const button of [page.getByRole('button', { name: 'kill', exact: true }), page.locator('#heal')]) {
    expect(await button.getAttribute('aria-disabled')).toBe('true')
    await button.press('Enter')
    await page.locator('#outcome.bad', { hasText: NOT_ASKED }).waitFor()
    await page.evaluate(`document.querySelector('#outcome').textContent = ''`)
  }
  goOn()
  await live(page)
  await page.locator('#heal').click()
  await page.locator('#outcome:not(.bad)', { hasText: 'healed: ' }).waitFor()
  expect(pressesOf(asked)).toEqual(['faults/replica-freeze', 'heal'])
  await page.locator('#topology .replica.up').nth(1).waitFor()
})

it('gives up a press that a tool does not answer, which does nothing of it when it goes on', async (context) => {
  const { page } = await open(context, 1280)
  await stable(page)
  await live(page)
  const kill = page.getByRole('button', { name: 'kill', exact: true })
  await kill.focus()
  // The server closes a connection that is idle for 5 s: the press gets a new one, which the kernel takes while the tool stands still.
  await sleep(7_000)
  standStill(context)
  const at = performance.now()
  await kill.press('Enter')
  await page.locator('#outcome.bad', { hasText: 'whether it was done is not known' }).waitFor()
  await sleep(11_000 - (performance.now() - at))
  goOn()
  await live(page)
  await page.locator('#event-list .bad', { hasText: /a press of kill came \d+ s after .*: nothing was done/ }).waitFor()
  await stable(page)
  const { state } = await page.evaluate<Told>(`fetch('state').then((answer) => answer.json())`)
  expect(state.faults).toMatchObject({ busy: false, toHeal: [] })
})

/** As in a tab that is hidden: no frame comes. */
const WITHOUT_FRAMES = `
globalThis.asked = []
globalThis.requestAnimationFrame = (callback) => asked.push(callback)
globalThis.told = 0
globalThis.EventSource = class extends EventSource {
  constructor(...words) {
    super(...words)
    this.addEventListener('message', () => told++)
  }
}`

it('asks for one frame while none comes, and draws all in it', async (context) => {
  const { page } = await open(context, 800, url, 'light', WITHOUT_FRAMES)
  await eventually(async () => expect(await page.evaluate('told')).toBeGreaterThan(8), 20_000)
  expect(await page.evaluate('asked.length')).toBe(1)
  expect(await page.locator('#name').textContent()).toBe('ioredis-sentinel')
  await page.evaluate('asked[0](0)')
  expect(await page.locator('#name').textContent()).toBe('mymaster')
})

it('leaves selected what somebody has selected, while all around it changes', async (context) => {
  const { page } = await open(context, 1280)
  await stable(page)
  const offset = (): Promise<string | null> => page.locator('#nodes tbody tr:first-child td:nth-child(7)').textContent()
  const selected = (): Promise<string> => page.evaluate('getSelection().toString()')
  for (const where of [
    '#nodes tbody th',
    '#sentinels tbody th',
    '#topology .primary .address',
    '#facts dd',
    '#own dd'
  ]) {
    await page.evaluate(`getSelection().selectAllChildren(document.querySelector('${where}'))`)
    const before = await selected()
    expect(before).not.toBe('')
    const old = await offset()
    await eventually(async () => expect(await offset()).not.toBe(old))
    expect(await selected()).toBe(before)
  }
})

it('asks before it moves the primary of a group of somebody’s', async (context) => {
  if (browser === undefined) return context.skip(NO_BROWSER)
  await using dashboard = cli('dashboard', '--url', group, '--allow-faults', '--json')
  await eventually(() => expect(dashboard.stdout).toMatch(/\n$/), 60_000)
  const { page } = await open(context, 1280, (JSON.parse(dashboard.stdout) as { readonly url: string }).url)
  await stable(page)
  const before = await addressOfPrimary(page)
  await page.getByRole('button', { name: 'coordinated failover' }).click()
  expect(await page.locator('#confirm-text').textContent()).toContain(`on "mymaster" (primary ${before})?`)
  await page.getByRole('button', { name: 'Leave it' }).click()
  expect(await page.locator('#outcome').textContent()).toBe('')
  expect(await addressOfPrimary(page)).toBe(before)
  await page.getByRole('button', { name: 'coordinated failover' }).click()
  await page.getByRole('button', { name: 'Do it' }).click()
  await page.locator('#outcome', { hasText: `moved  ${before} →` }).waitFor()
  await page.locator('#topology .primary title').filter({ hasNotText: before }).waitFor({ state: 'attached' })
})

it('asks nothing either when the tool is no longer heard once its question is answered', async (context) => {
  if (browser === undefined) return context.skip(NO_BROWSER)
  await using dashboard = cli('dashboard', '--url', group, '--allow-faults', '--json')
  await eventually(() => expect(dashboard.stdout).toMatch(/\n$/), 60_000)
  const own = (JSON.parse(dashboard.stdout) as { readonly url: string }).url
  const { page, asked } = await open(context, 1280, own)
  await stable(page)
  await page.getByRole('button', { name: 'coordinated failover' }).click()
  dashboard.process.kill('SIGSTOP')
  await page.locator('#link.lost').waitFor()
  await page.getByRole('button', { name: 'Do it' }).click()
  await page.locator('#outcome.bad', { hasText: NOT_ASKED }).waitFor()
  expect(pressesOf(asked)).toEqual([])
})

it('goes by the keyboard alone', async (context) => {
  const { page } = await open(context, 1280)
  await stable(page)
  await page.keyboard.press('Tab')
  expect(await focused(page)).toBe('Skip to the events')
  const seen: string[] = []
  while (seen.at(-1) !== 'manual' && seen.length < 20) {
    await page.keyboard.press('Tab')
    seen.push(await focused(page))
  }
  expect(seen.slice(0, 2)).toEqual(['kill', 'freeze'])
  const before = await addressOfPrimary(page)
  // A sentinel refuses one while another is still being finished.
  await eventually(async () => {
    await page.keyboard.press('Enter')
    await page.locator('#outcome:not(.bad)', { hasText: 'SENTINEL FAILOVER' }).waitFor({ timeout: 5_000 })
  }, 40_000)
  await page.locator('#topology .primary title').filter({ hasNotText: before }).waitFor({ state: 'attached' })
  await stable(page)
  // On to the newest failover, and open it.
  const failover = page.locator('#failovers details').first()
  await failover.filter({ hasText: `${before} →` }).waitFor()
  const onFailover = (): Promise<boolean> => page.evaluate(`document.activeElement.matches('#failovers summary')`)
  for (let step = 0; step < 30 && !(await onFailover()); step++) await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await failover.locator('tbody tr').first().waitFor()
})

it('says no to who does not know the token', async (context) => {
  const { page } = await open(context, 800, new URL('/', url === '' ? 'http://127.0.0.1' : url).href)
  expect(await page.locator('body').textContent()).toContain('the token is missing or wrong')
})

/** Contrast, names, roles, order: what axe-core finds wrong, in words. */
async function faultsOfAccess(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  return page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run()
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
  })
}

async function focused(page: Page): Promise<string> {
  return page.evaluate(`(document.activeElement?.textContent ?? '').trim()`)
}

/** Whether a canvas has the colour of writes on it, as a browser's script: these tests are compiled without a browser's types. */
const HAS_WRITES = `(canvas) => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
  const write = [0x1d, 0x4e, 0xd8]
  for (let at = 0; at < data.length; at += 4)
    if (write.every((part, index) => Math.abs(part - data[at + index]) < 24)) return true
  return false
}`

/** The tool's own writes were drawn on it. */
async function expectWritesOn(page: Page, canvas: string): Promise<void> {
  await eventually(async () => {
    expect(await page.evaluate(`(${HAS_WRITES})(document.querySelector('${canvas}'))`)).toBe(true)
  })
}
