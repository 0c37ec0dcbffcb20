import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import type { LocalTopology } from 'ioredis-sentinel/testkit'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { DrillJson } from '../../src/cli/drill/result.js'
import { codeBlocks, commandsIn, sections } from '../package/markdown.js'
import { type Places, placed, placesOf } from './docs/places.js'
import { type Program, runProgram } from './docs/program.js'
import { PROGRAMS } from './docs/programs.js'
import { Desk, type Typed } from './docs/shell.js'
import { beginFailover, settleSoon, startQuickTopology } from './support/clients.js'
import { onTerminal } from './support/on-terminal.js'
import { eventually } from './support/server-view.js'

// What runs the blocks of the documents that nothing else runs: test/package/docs-runs.ts tells of all.

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** Whom the programs that have a user take. */
const USER = ['app', 'on', '>secret', '~*', '&*', '+@all']

/** Several groups start at the same time. */
const BESIDE_OTHERS = { timeout: 120_000 }

const desk = new Desk()
let topology: LocalTopology
let here: Places
beforeAll(async () => {
  topology = await startQuickTopology({ downAfterMs: 3_000 })
  await Promise.all(topology.nodes.map((node) => node.command('ACL', 'SETUSER', ...USER)))
  writeFileSync(join(desk.folder, 'sentinel'), 'watch\n')
  here = placesOf(topology, desk.folder)
})
afterAll(async () => {
  await topology.stop()
  desk[Symbol.dispose]()
})

/** The command of a document that begins so, at the group that is here, and with patience for a busy machine. */
function command(document: string, beginning: string): string {
  const found = commandsIn(readFileSync(document, 'utf8')).find((line) => line.startsWith(beginning))
  if (found === undefined) throw new Error(`${document} has no command that begins with: ${beginning}`)
  return placed(found, here).replace(
    /^npx ioredis-sentinel (status|watch|doctor|dashboard|drill \w+)(?!.* 127\.0\.0\.1:1 )/,
    '$& --timeout 30000'
  )
}

async function prints(typed: Typed, text: RegExp): Promise<RegExpExecArray> {
  await eventually(() => {
    expect(typed.process.exitCode, `${typed.stdout}${typed.stderr}`).toBeNull()
    expect(typed.stdout).toMatch(text)
  }, 90_000)
  return text.exec(typed.stdout) as RegExpExecArray
}

async function serves(typed: Typed): Promise<void> {
  const [, url = ''] = await prints(typed, /^dashboard {2}(http:\S+)$/m)
  expect((await fetch(url, { headers: { connection: 'close' } })).status).toBe(200)
  expect(await typed.interrupt()).toBe(0)
}

it.concurrent('docs/start-here.md: a group is started, watched, and loses its primary', BESIDE_OTHERS, async () => {
  const page = 'docs/start-here.md'
  await using local = desk.type(command(page, 'npx ioredis-sentinel local'))
  const [, pid = ''] = await prints(local, /^ {2}primary .* pid (\d+)$[^]*^ctrl-C ends it$/m)
  const [, url = ''] = /^url {2}(\S+)$/m.exec(local.stdout) ?? []
  await using watch = desk.type(command(page, 'npx ioredis-sentinel watch').replace(/redis\+sentinel:\S+/, url))
  await prints(watch, /primary: none → 127/)
  await using kill = desk.type(command(page, 'kill').replace('4711', pid))
  expect(await kill.ended()).toBe(0)
  await prints(watch, /primary: 127\S+ → 127|moved/)
  expect([await watch.interrupt(), await local.interrupt()]).toEqual([0, 0])
})

/** What a drill says at the end fits its exit code; a busy machine may exceed a budget. */
function judged(fault: string, code: number | null, text: string): void {
  expect([0, 1], text).toContain(code)
  expect(text).toMatch(new RegExp(`^${code === 0 ? 'PASS' : 'FAIL'} ${fault}: `, 'm'))
}

it.concurrent('docs/drill.md: a group of its own loses its primary, and a page is written', BESIDE_OTHERS, async () => {
  await using drill = desk.type(command('docs/drill.md', 'npx ioredis-sentinel drill kill --local'))
  judged('kill', await drill.ended(), drill.stdout)
  expect(readFileSync(join(desk.folder, 'kill.html'), 'utf8')).toContain('data-plot="promotion"')
})

/** The blocks of a document below a heading. */
function blocksOf({ document, heading }: Pick<Program, 'document' | 'heading'>): string[] {
  return sections(readFileSync(document, 'utf8'))
    .filter((section) => section.heading === heading)
    .flatMap(({ text }) => codeBlocks(text, 'ts'))
}

/** Those of the same section before it tell which of its blocks a program is. */
function blockOf(program: Program): string {
  const { document, heading, edit } = program
  const ofSection = PROGRAMS.filter((other) => other.document === document && other.heading === heading)
  const block = blocksOf(program)[ofSection.indexOf(program)]
  if (block === undefined) throw new Error(`${document} has no such block below "${heading}"`)
  return edit?.(block) ?? block
}

function run(program: Program, places: Places): Promise<void> {
  const whole = { ...program, around: placed(program.around ?? '', places) }
  const failOver = (): Promise<void> => beginFailover(topology)
  return runProgram(whole, placed(blockOf(program), places), { url: places.url, failOver })
}

/** The user of docs/recipes/tls.md, at a node of a group with TLS. */
async function addUser(address: string, ca: string): Promise<void> {
  const [host = '', port = ''] = address.split(':')
  const redis = new Redis({ host, port: Number(port), password: 'secret', tls: { ca } })
  await redis.call('ACL', 'SETUSER', ...USER)
  redis.disconnect()
}

it.concurrent(
  'docs/recipes/tls.md: a group with TLS is started, and the programs for one run there',
  BESIDE_OTHERS,
  async ({ onTestFinished }) => {
    await using local = desk.type(command('docs/recipes/tls.md', 'npx ioredis-sentinel local'))
    await prints(local, /^ctrl-C ends it$/m)
    const [, url = ''] = /^url {2}(\S+)$/m.exec(local.stdout) ?? []
    const [, ca = ''] = /^ca {3}(\S+)$/m.exec(local.stdout) ?? []
    const servers = (role: string): string[] =>
      [...local.stdout.matchAll(new RegExp(`^ {2}(?:${role}) +(\\S+) `, 'gm'))].map(([, address = '']) => address)
    const files = join(desk.folder, 'tls')
    mkdirSync(files)
    const certificate = join(dirname(dirname(ca)), 'tls', basename(dirname(ca)))
    for (const [name, source] of Object.entries({
      'ca.crt': ca,
      'tls.crt': `${certificate}.crt`,
      'tls.key': `${certificate}.key`
    }))
      writeFileSync(join(files, name), readFileSync(source))
    const places = { url, sentinels: servers('sentinel'), nodes: servers('primary|replica'), files }
    for (const address of places.nodes) await addUser(address, readFileSync(ca, 'utf8'))
    vi.stubEnv('REDIS_PASSWORD', 'secret')
    onTestFinished(() => {
      vi.unstubAllEnvs()
    })
    for (const program of PROGRAMS.filter(({ tls }) => tls)) await run(program, places)
    expect(await local.interrupt()).toBe(0)
  }
)

it.concurrent('docs/testkit.md: its test passes, where it is run without root', BESIDE_OTHERS, async ({ skip }) => {
  const none = spawnSync('unshare', ['--map-root-user', '--net', 'true']).status !== 0
  skip(none, 'this machine has no network namespace for its users')
  const [own = ''] = codeBlocks(readFileSync('docs/testkit.md', 'utf8'), 'ts')
  const folder = join(desk.folder, 'own')
  mkdirSync(folder)
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'own.test.ts'), own)
  const alias = {
    'ioredis-sentinel/testkit': join(ROOT, 'src/testkit/index.ts'),
    'ioredis-sentinel': join(ROOT, 'src/index.ts')
  }
  writeFileSync(join(folder, 'vitest.config.mjs'), `export default ${JSON.stringify({ resolve: { alias } })}\n`)
  await using typed = desk.type(command('docs/testkit.md', 'unshare'), 'own')
  expect(await typed.ended(), `${typed.stdout}${typed.stderr}`).toBe(0)
  expect(typed.stdout).toMatch(/Tests +1 passed \(1\)/)
})

// Beside the tests above, which have groups of their own: what would disturb each other on this one comes in turn.
describe.concurrent('the group', () => {
  describe.concurrent('commands that look at a group', () => {
    it.each([
      ['docs/doctor.md', 'npx ioredis-sentinel doctor', 1, /^mymaster {2}3 of 3 sentinels and 3 of 3 nodes examined\n/],
      [
        'docs/command-line.md',
        'npx ioredis-sentinel status --url redis+',
        0,
        /^mymaster {2}phase stable[^]*\nhealthy\n$/
      ],
      ['docs/command-line.md', 'npx ioredis-sentinel doctor', 1, /\n0 errors, \d+ warnings, \d+ notes\n$/],
      [
        'docs/command-line.md',
        'npx ioredis-sentinel dashboard --for',
        0,
        /^dashboard {2}http:\/\/127\.0\.0\.1:\d+\/\S{32}\/\n/
      ],
      [
        'docs/command-line.md',
        'npx ioredis-sentinel status --url redis:',
        2,
        /^error: the URL begins with "redis:\/\/"; /
      ],
      [
        'docs/command-line.md',
        'npx ioredis-sentinel status --sentinels',
        3,
        /\nunreachable: no sentinel can be asked; /
      ]
    ])('%s: %s … ends with %d', BESIDE_OTHERS, async (document, beginning, exitCode, says) => {
      await using typed = desk.type(command(document, beginning))
      expect([await typed.ended(), `${typed.stderr}${typed.stdout}`]).toEqual([exitCode, expect.stringMatching(says)])
    })
  })

  describe.concurrent('docs/dashboard.md', () => {
    it('shows a group of this machine, and one of the reader', async () => {
      await using local = desk.type(command('docs/dashboard.md', 'npx ioredis-sentinel local'))
      await using dashboard = desk.type(command('docs/dashboard.md', 'npx ioredis-sentinel dashboard'))
      await Promise.all([serves(local), serves(dashboard)])
    })

    it('shows one by SSH', async () => {
      // Of the other machine there is what it is told to do, and its port 8080 may be taken here.
      desk.lay('ssh', 'shift 3\nexec "$@"')
      const line = command('docs/dashboard.md', 'ssh').replace('--port 8080', '--port 0')
      await using typed = desk.type(line.replace(/redis\+sentinel:\S+/, here.url))
      await serves(typed)
    })
  })

  describe.sequential('programs', () => {
    it.each(PROGRAMS.filter(({ tls }) => tls === undefined))('$document, $heading', async (program) => {
      await run(program, here)
    })
  })

  describe.sequential('docs/drill.md', () => {
    it('the group loses its primary by hand, when that is confirmed', async () => {
      const line = command('docs/drill.md', 'npx ioredis-sentinel drill manual')
      const drill = onTerminal(line, desk.env)
      await drill.shows(/\[y\/N\]/)
      drill.type('y\r')
      judged('manual', await drill.ended(), await drill.text())
    })

    it('what somebody else does is waited for, and measured', async () => {
      await settleSoon(topology)
      const primary = await topology.primary()
      const begun = join(desk.folder, 'begun')
      // Until it has begun, however long that takes here; and of the cluster there is what deleting the pod does to the group.
      desk.lay('sleep', `until [ -e '${begun}' ]; do /bin/sleep 0.1; done`)
      desk.lay('kubectl', `kill -9 ${primary.pid}`)
      await using script = desk.type(
        `export REDIS_URL=${topology.url}\n${command('docs/drill.md', 'npx ioredis-sentinel drill wait')}`
      )
      await eventually(() => expect(script.stderr).toContain('waiting for a failover'), 40_000)
      writeFileSync(begun, '')
      await script.ended()
      const { outcome, failovers } = JSON.parse(readFileSync(join(desk.folder, 'result.json'), 'utf8')) as DrillJson
      expect(script.stdout.trim()).toBe(outcome === 'kept' ? '0' : '1')
      // What was begun and given up has a report of its own.
      expect(failovers).toContainEqual(expect.objectContaining({ outcome: 'moved' }))
    })
  })
})
