import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LocalNode, LocalTopology } from 'ioredis-sentinel/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Terminal } from '../../scripts/terminal/terminal.js'
import { COMMAND_LINE } from './support/command-line.js'
import { Child } from './child.js'
import { beginFailover, settleSoon, startQuickTopology } from './support/clients.js'
import { onTerminal } from './support/on-terminal.js'
import { eventually, resetStatistics } from './support/server-view.js'

const folder = mkdtempSync(join(tmpdir(), 'terminal-'))
let topology: LocalTopology
beforeAll(async () => {
  topology = await startQuickTopology({ replicas: 1 })
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await topology.stop()
})

const lineOf = (words: string): string =>
  `${process.execPath} ${COMMAND_LINE} ${words} --timeout 30000 --url ${topology.url}`

const shown = (words: string): Terminal => onTerminal(lineOf(words))

/** The same, by a shell that is told this before and behind the line. */
const byShell = (before: string, words: string, behind = ''): Terminal =>
  onTerminal(`sh -c '${before}exec ${lineOf(words)}${behind}'`)

test('watch draws the group in colour, again and again in one place, and ctrl-C ends it well', async () => {
  const watch = shown('watch')
  await watch.shows(/└─ replica/)
  const old = await topology.primary()
  await beginFailover(topology)
  await watch.shows(/failover {2}|moved/)
  await settleSoon(topology)
  const primary = await topology.primary()
  expect(primary).not.toBe(old)
  await eventually(async () => {
    const text = await watch.text()
    expect(text).toContain(`primary  ${primary.address.host}:${primary.address.port}`)
    expect(text.match(/ quorum \d/g)).toHaveLength(1)
  })
  expect(watch.coloured).toBe(true)
  expect(await watch.interrupt()).toBe(0)
})

test('watch leaves out events, then sentinels, on a terminal that is too low for them, and never its head', async () => {
  const { address } = await topology.primary()
  const primary = `primary  ${address.host}:${address.port}`
  const withEvent = byShell('stty rows 9; ', 'watch')
  const text = await withEvent.shows(/^└─ replica .* behind$[^]*\n\n\d\d:\d\d:\d\d\.\d{3} {2}/m)
  expect([text.match(/ quorum \d/g)?.length, text.match(/^\d\d:/gm)?.length]).toEqual([1, 1])
  expect(text).toContain(primary)
  const low = byShell('stty rows 6; ', 'watch')
  const cut = await low.shows(/^└─ replica .* behind$[^]*^sentinels {2}… 2 more$/m)
  expect([cut.match(/ quorum \d/g)?.length, cut.match(/^\d\d:/gm)]).toEqual([1, null])
  expect(cut).toContain(primary)
  expect([await withEvent.interrupt(), await low.interrupt()]).toEqual([0, 0])
})

test('failover asks on the terminal when what it says goes into a file', async () => {
  const file = join(folder, 'said')
  const failover = byShell('', 'failover', ` > ${file}`)
  await failover.shows(/Move the primary .*\[y\/N\]/)
  failover.type('n\r')
  expect([await failover.ended(), readFileSync(file, 'utf8')]).toEqual([4, 'nothing was done\n'])
})

test('failover does not wait for the answer to a question that nobody sees', async () => {
  const [said, errors] = [join(folder, 'out'), join(folder, 'err')]
  const failover = byShell('', 'failover', ` > ${said} 2> ${errors}`)
  expect(await failover.ended()).toBe(2)
  expect(readFileSync(errors, 'utf8')).toMatch(/^error: --yes is missing: neither standard output nor standard error/)
})

test('failover asks, and does nothing for any answer but y', async () => {
  await topology.settled()
  const primary = await topology.primary()
  const failover = shown('failover')
  await failover.shows(/\[y\/N\]/)
  failover.type('n\r')
  expect(await failover.ended()).toBe(4)
  expect(await failover.text()).toMatch(/nothing was done/)
  expect(await topology.primary()).toBe(primary)
})

test.each([
  ['ctrl-C', '\u0003'],
  ['ctrl-D', '\u0004']
])('failover takes %s at its question for a no', async (_, key) => {
  const primary = await topology.primary()
  const failover = shown('failover')
  await failover.shows(/\[y\/N\]/)
  failover.type(key)
  expect([await failover.ended(), await failover.text()]).toEqual([4, expect.stringMatching(/^nothing was done$/m)])
  expect(await topology.primary()).toBe(primary)
})

/** How often CLIENT PAUSE, or UNPAUSE, was executed, rather than refused for its arguments. */
async function executed(node: LocalNode, what: 'pause' | 'unpause'): Promise<number> {
  const text = String(await node.command('INFO', 'commandstats'))
  const counts = new RegExp(`cmdstat_client\\|${what}:calls=(\\d+),.*failed_calls=(\\d+)`).exec(text) ?? []
  const [, calls = '0', failed = '0'] = counts
  return Number(calls) - Number(failed)
}

/** Resolves in the midst of a handover: writes have been stopped at the node. */
async function pausedAt(node: LocalNode): Promise<void> {
  await expect.poll(() => executed(node, 'pause'), { interval: 1, timeout: 40_000 }).toBeGreaterThan(0)
}

test('drill coordinated lets a handover end that ctrl-C finds under way, also when it is left at once, and nothing stays paused', async () => {
  await settleSoon(topology)
  await resetStatistics(topology.nodes)
  const primary = await topology.primary()
  const drill = shown('drill coordinated --yes')
  await pausedAt(primary)
  // From here on it cannot be called off.
  await expect
    .poll(async () => Promise.all(topology.sentinels.map((one) => one.report(topology.name))), { interval: 1 })
    .toContainEqual(expect.objectContaining({ flags: expect.arrayContaining(['failover_in_progress']) as unknown }))
  drill.type('\u0003')
  await drill.shows(/^interrupted: /m)
  expect(await drill.interrupt()).toBe(130)
  await eventually(async () => expect(await executed(primary, 'unpause')).toBeGreaterThan(0), 20_000)
})

test.each([
  ['SIGTERM', 'SIGINT'],
  ['SIGHUP', 'SIGTERM'],
  ['SIGINT', 'SIGHUP']
] as const)('failover ends what it began, and tells it, whatever comes: %s and %s', async (...signals) => {
  await settleSoon(topology)
  await resetStatistics(topology.nodes)
  const primary = await topology.primary()
  const flags = ['--url', topology.url, '--yes', '--json', '--patience', '0', '--timeout', '30000']
  await using failover = new Child(COMMAND_LINE, ['failover', ...flags])
  await pausedAt(primary)
  // Two of a kind may arrive as one.
  for (const signal of signals) failover.process.kill(signal)
  const exitCode = await failover.ended()
  expect([0, 1]).toContain(exitCode)
  const { outcome } = JSON.parse(failover.stdout) as { readonly outcome: string }
  expect(outcome).toBe(exitCode === 0 ? 'moved' : 'failed')
  expect(await executed(primary, 'unpause')).toBeGreaterThan(0)
})

const FINDING = /^note {2}replicas-few\n {2}(?<meaning>[^]*?)\n {2}read/m

test('doctor breaks its lines between words', async () => {
  const doctor = shown('doctor')
  await doctor.ended()
  const text = await doctor.text()
  const { meaning } = FINDING.exec(text)?.groups ?? {}
  expect(meaning?.split('\n').length).toBeGreaterThan(1)
  expect(meaning?.replaceAll('\n  ', ' ')).toMatch(/^There is one replica, .* loses what it acknowledges\.$/)
  expect(doctor.coloured).toBe(true)
})
