import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { BudgetName } from '../../src/cli/drill/budgets.js'
import type { DrillJson, DrillNotBegunJson } from '../../src/cli/drill/result.js'
import type { LocalTopology } from '../../src/testkit/index.js'
import { checkNothingLeftBehind } from '../../scripts/lib/left-behind.mjs'
import type { Terminal } from '../../scripts/terminal/terminal.js'
import { Child } from './child.js'
import { beginFailover, settleSoon, startQuickTopology } from './support/clients.js'
import { eventually } from './support/server-view.js'
import { COMMAND_LINE } from './support/command-line.js'
import { onTerminal } from './support/on-terminal.js'

const PREFIX = 'ioredis-sentinel:drill:'

const out = mkdtempSync(join(tmpdir(), 'drill-test-'))
afterAll(() => rmSync(out, { recursive: true }))

/** How long a failover takes is not what is tested here: the machine may be busy. */
const PATIENT = ['--budget-gap-ms', '60000', '--budget-read-gap-ms', '60000', '--budget-unknown', '1000']

const drill = (...args: readonly string[]): Child => new Child(COMMAND_LINE, ['drill', ...args])

/** Each value by the name of its type, as deep as it goes: what a reader of the JSON relies on. */
const shapeOf = (value: unknown): unknown => {
  if (value === null || typeof value !== 'object') return value === null ? 'null' : typeof value
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])]
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, shapeOf(one)]))
}

const was = ({ budgets }: DrillJson, name: BudgetName): number | null | undefined =>
  budgets.find(({ budget }) => budget === name)?.was

describe('ioredis-sentinel drill', () => {
  let topology: LocalTopology
  beforeAll(async () => {
    topology = await startQuickTopology({ downAfterMs: 1_000 })
  })
  afterAll(() => topology.stop())
  beforeEach(() => settleSoon(topology))

  const run = (fault: string, ...args: readonly string[]): Child =>
    drill(fault, '--url', topology.url, '--yes', ...args)
  const jsonOf = async (child: Child): Promise<DrillJson> => {
    await child.ended()
    expect(child.stdout, child.stderr).not.toBe('')
    return JSON.parse(child.stdout) as DrillJson
  }
  /** Of all drills of this file, on any node, once the old primary follows the new one. */
  const noKeyIsLeft = async (): Promise<void> => {
    await settleSoon(topology)
    await eventually(async () => {
      const keys = await Promise.all(topology.nodes.map((node) => node.command('KEYS', `${PREFIX}*`)))
      expect(keys.flat()).toEqual([])
    })
  }

  it('fails the group over by hand, keeps its budgets, and tells it in JSON, on a page, and by its exit code', async () => {
    const before = await topology.primary()
    const page = join(out, 'manual.html')
    await using child = run('manual', ...PATIENT, '--json', '--html', page, '--duration', '4000')
    const json = await jsonOf(child)
    expect(json, child.stderr).toMatchObject({
      outcome: 'kept',
      exceeded: [],
      problem: null,
      fault: 'manual',
      html: page
    })
    expect(await child.ended()).toBe(0)
    expect(await topology.primary()).not.toBe(before)
    expect(shapeOf(json)).toEqual({
      name: 'string',
      fault: 'string',
      outcome: 'string',
      problem: 'null',
      exceeded: [],
      budgets: [{ budget: 'string', allowed: 'number', was: 'number', kept: 'boolean' }],
      startedAt: 'string',
      faultAt: 'string',
      endedAt: 'string',
      description: 'string',
      writes: {
        ...{ issued: 'number', acknowledged: 'number', unknown: 'number', unknownPresent: 'number', failed: 'number' },
        ...{ failedButPresent: 'number', hung: 'number', lost: 'number', doubled: 'number', reordered: 'number' },
        ...{ longestGapMs: 'number', latencyMs: { p50: 'number', p99: 'number', max: 'number' }, errors: {} }
      },
      reads: {
        ...{ issued: 'number', answered: 'number', failed: 'number', hung: 'number', longestGapMs: 'number' },
        ...{ latencyMs: { p50: 'number', p99: 'number', max: 'number' }, errors: {} }
      },
      failovers: [expect.objectContaining({ outcome: 'string', from: 'string', to: 'string' })],
      key: { name: 'string', removed: 'boolean', ttlMs: 'number' },
      environment: expect.objectContaining({ server: 'string', command: 'string' }) as object,
      html: 'string'
    })
    expect(json.writes.acknowledged).toBeGreaterThan(200)
    expect(json.reads?.answered).toBeGreaterThan(200)
    expect(Date.parse(json.endedAt) - Date.parse(json.startedAt)).toBeGreaterThanOrEqual(4_000)
    expect(readFileSync(page, 'utf8')).toMatch(/<strong>PASS manual: .*data-plot="promotion"/s)
    await noKeyIsLeft()
  })

  it('says which budget was exceeded, with exit code 1', async () => {
    await using child = run('kill-clients', '--budget-gap-ms', '0', '--read-rate', '0')
    expect([await child.ended(), child.stderr]).toEqual([1, ''])
    expect(child.stdout).toMatch(/^ *FAIL +longest time without an acknowledged write +\d+ ms +0 *$/m)
    expect(child.stdout).toMatch(/fault: kill-clients .*CLIENT KILL TYPE normal, \d+ connections cut/)
    expect(child.stdout.trimEnd().split('\n').at(-1)).toMatch(/^FAIL kill-clients: gap-ms \d+ ms \(allowed: 0 ms\)$/)
  })

  it('waits for a failover that somebody else causes, and measures it', async () => {
    await using child = run('wait', ...PATIENT, '--json')
    await eventually(() => expect(child.stderr).toContain('waiting for a failover'), 40_000)
    await beginFailover(topology)
    const json = await jsonOf(child)
    expect(json).toMatchObject({ outcome: 'kept', fault: 'wait' })
    expect(json.failovers).toEqual([expect.objectContaining({ outcome: 'moved' })])
    expect(json.faultAt).not.toBeNull()
    expect(await child.ended()).toBe(0)
  })

  it('coordinates one by another process, and loses nothing without being told', async () => {
    const before = await topology.primary()
    await using child = run('coordinated', ...PATIENT, '--json', '--budget-lost', '0')
    expect(await jsonOf(child)).toMatchObject({ outcome: 'kept', writes: { lost: 0 } })
    expect(await topology.primary()).not.toBe(before)
  })

  it('ends by ctrl-C with what was measured so far, and by a time limit, and leaves no key', async () => {
    await using child = run('wait', '--json')
    await using late = run('wait', '--within', '1000')
    await eventually(() => expect(child.stderr).toContain('waiting for a failover'), 40_000)
    child.process.kill('SIGINT')
    const json = await jsonOf(child)
    expect(json).toMatchObject({ outcome: 'interrupted', problem: null, faultAt: null, key: { removed: true } })
    expect(json.writes.acknowledged).toBeGreaterThan(0)
    expect(was(json, 'lost')).toBe(0)
    expect(await child.ended()).toBe(130)
    expect(await late.ended()).toBe(5)
    expect(late.stdout).toMatch(/^NOT DONE wait: waited 1000 ms for a failover of "mymaster", in vain$/m)
    expect(late.stdout).toMatch(/^ *ok +longest time without an acknowledged write/m)
    await noKeyIsLeft()
  })

  it('ends when nobody reads any more what it says, and leaves no key', async () => {
    const line = `{ '${process.execPath}' '${COMMAND_LINE}' drill wait --yes --url '${topology.url}'; echo "$?" >&2; } | head -1`
    const { stdout, stderr } = await promisify(execFile)('sh', ['-c', line])
    expect([stdout.split('\n').length, stderr]).toEqual([2, '130\n'])
    await noKeyIsLeft()
  })

  it('goes through with it though what it says cannot be written, and ends with 70 instead of 0', async () => {
    const page = join(out, 'full-disk.html')
    const flags = [...PATIENT, '--html', page, '--url', `'${topology.url}'`].join(' ')
    const line = `'${process.execPath}' '${COMMAND_LINE}' drill kill-clients --yes ${flags} > /dev/full`
    await expect(promisify(execFile)('sh', ['-c', line])).rejects.toMatchObject({
      code: 70,
      stderr: expect.stringMatching(/^error: what this command says cannot be written: ENOSPC[^\n]*\n$/) as unknown
    })
    expect(readFileSync(page, 'utf8')).toContain('<strong>PASS kill-clients: ')
    await noKeyIsLeft()
  })

  it('pauses the primary, by one command and by the other, which shows in the gap', async () => {
    const before = await topology.primary()
    const paused = async (fault: string): Promise<void> => {
      await using child = run(fault, '--pause', '400', '--json', ...PATIENT)
      const json = await jsonOf(child)
      expect(json, child.stderr).toMatchObject({ outcome: 'kept', failovers: [] })
      expect(was(json, 'gap-ms')).toBeGreaterThan(390)
    }
    await Promise.all(['pause', 'sleep'].map(paused))
    expect(await topology.primary()).toBe(before)
  })

  it('does nothing where it may not or cannot, and says what would help', async () => {
    const before = await topology.primary()
    const users = { keyless: '+@all -@dangerous +info ~app:*', sleepless: '+@all -debug ~*' }
    for (const [user, rights] of Object.entries(users))
      for (const node of topology.nodes)
        await node.command('ACL', 'SETUSER', user, 'on', '>pw', '&*', ...rights.split(' '))
    const as = (user: string): readonly string[] => ['--username', user, '--password', 'pw']
    await using keyless = run('manual', ...as('keyless'), '--json')
    await using sleepless = run('sleep', ...as('sleepless'))
    await using nobody = drill('manual', '--sentinels', '127.0.0.1:1', '--name', 'none', '--yes', '--timeout', '500')
    expect(await keyless.ended()).toBe(3)
    const refused = JSON.parse(keyless.stdout) as DrillNotBegunJson
    expect(refused).toMatchObject({ fault: 'manual', outcome: 'not-begun' })
    expect(refused.problem).toMatch(
      /NOPERM.*ACL SETUSER keyless ~ioredis-sentinel:drill:\* \+rpush \+pexpire .*or give --key-prefix/
    )
    expect([await sleepless.ended(), sleepless.stdout]).toEqual([
      5,
      expect.stringMatching(/^NOT DONE sleep: DEBUG SLEEP .*NOPERM.*enable-debug-command yes.*CLIENT PAUSE/m)
    ])
    expect([await nobody.ended(), nobody.stdout]).toEqual([3, expect.stringContaining('127.0.0.1:1')])
    await using allowed = run('kill-clients', ...as('sleepless'), '--key-prefix', 'app:', '--json')
    expect((await jsonOf(allowed)).key.name).toMatch(/^app:/)
    expect(await topology.primary()).toBe(before)
    await noKeyIsLeft()
  })

  it('asks on a terminal, and does nothing when the answer is no', async () => {
    const before = await topology.primary()
    const [page, none] = [join(out, 'last-week.html'), join(out, 'none.html')]
    writeFileSync(page, 'last week')
    const on = (html: string): Terminal =>
      onTerminal(`${process.execPath} ${COMMAND_LINE} drill manual --url '${topology.url}' --html ${html}`)
    const nobody = on(none)
    await nobody.shows(/\[y\/N\]/)
    expect([await nobody.interrupt(), existsSync(none)]).toEqual([4, false])
    const terminal = on(page)
    await terminal.shows(/Drill "manual" on "mymaster" \(primary 127\.\S+, 2 replicas\)\? SENTINEL FAILOVER\. \[y\/N\]/)
    terminal.type('n\r')
    expect([await terminal.ended(), await terminal.text()]).toEqual([4, expect.stringContaining('nothing was done')])
    expect(await topology.primary()).toBe(before)
    expect(readFileSync(page, 'utf8')).toBe('last week')
  })

  it('shuts the primary down when that is really wanted', async () => {
    const before = await topology.primary()
    await using child = run('shutdown', ...PATIENT, '--json')
    expect(await jsonOf(child), child.stderr).toMatchObject({ outcome: 'kept', failovers: [{ outcome: 'moved' }] })
    expect(before.alive).toBe(false)
  })
})

describe('ioredis-sentinel drill --local', () => {
  it('says in JSON that it was interrupted before it began', async () => {
    const page = join(out, 'interrupted.html')
    await using child = drill('kill', '--local', '--replicas', '1', '--json', '--html', page)
    await eventually(() => expect(child.stderr).toContain('starting 1 primary'), 40_000)
    child.process.kill('SIGINT')
    expect([await child.ended(), existsSync(page)]).toEqual([130, false])
    expect(JSON.parse(child.stdout)).toEqual({
      fault: 'kill',
      outcome: 'interrupted',
      problem: 'it was interrupted before it began: nothing was done'
    })
  })

  it('kills the primary of a group of its own, heals it, and leaves nothing', async () => {
    const own = join(out, 'temporary')
    mkdirSync(own)
    const flags = ['kill', '--local', ...PATIENT, '--json', '--replicas', '1', '--down-after', '500']
    await using child = new Child(COMMAND_LINE, ['drill', ...flags], { TMPDIR: own })
    await eventually(() => expect(child.stderr).toContain('fault: kill'), 40_000)
    expect(readdirSync(own)).not.toEqual([])
    await child.ended()
    const json = JSON.parse(child.stdout) as DrillJson
    expect(json, child.stderr).toMatchObject({ outcome: 'kept', fault: 'kill', failovers: [{ outcome: 'moved' }] })
    expect(json.description).toMatch(/^primary: .* killed$/)
    expect(child.stderr).toContain('healed (all follow ')
    expect(await checkNothingLeftBehind(own)).toMatchObject({ state: 'passed' })
  })
})
