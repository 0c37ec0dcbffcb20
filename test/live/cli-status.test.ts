import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTopology, type LocalTopology } from '../../src/testkit/index.js'
import { Child } from './child.js'
import { COMMAND_LINE } from './support/command-line.js'
import { SENTINEL_RIGHTS } from './support/least-rights.js'

const PASSWORD = 'node-secret'
const SENTINEL_PASSWORD = 'sentinel-secret'

let topology: LocalTopology
let sentinels: string
const folder = mkdtempSync(join(tmpdir(), 'cli-status-'))
const passwordFile = join(folder, 'password')
writeFileSync(passwordFile, `${PASSWORD}\n`)

beforeAll(async () => {
  topology = await startTopology({ name: 'orders', password: PASSWORD, sentinelPassword: SENTINEL_PASSWORD })
  sentinels = topology.sentinelAddresses.map(({ host, port }) => `${host}:${port}`).join(',')
})

afterAll(async () => {
  await topology.stop()
  rmSync(folder, { recursive: true })
})

async function cli(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  await using child = new Child(COMMAND_LINE, args, env)
  const exitCode = await child.ended()
  const lines = child.stdout.trimEnd().split('\n')
  return { exitCode, stdout: child.stdout, stderr: child.stderr, lastLine: lines.at(-1) ?? '' }
}

/** Asks again until the sentinels have noticed what was done to the topology. */
async function statusUntil(args: readonly string[], lastLine: RegExp) {
  const deadline = performance.now() + 30_000
  for (;;) {
    const result = await cli(args)
    if (lastLine.test(result.lastLine) || performance.now() > deadline) return result
  }
}

describe('ioredis-sentinel status', () => {
  it('says that a group is healthy, from flags and a password file', async () => {
    const args = ['--password-file', passwordFile, '--sentinel-password', SENTINEL_PASSWORD]
    const { exitCode, stdout, lastLine } = await cli(['status', '--sentinels', sentinels, '--name', 'orders', ...args])
    expect(stdout).toMatch(/^orders {2}phase stable {2}config epoch \d+ {2}quorum 2$/m)
    expect(stdout.match(/^ *primary +127\./gm)).toHaveLength(1)
    expect(stdout.match(/^ *replica +127\.\S+ +up +[\d,]+ B/gm)).toHaveLength(2)
    expect(stdout.match(/ OK 3 usable Sentinels$/gm)).toHaveLength(3)
    expect(lastLine).toBe('healthy')
    expect(exitCode).toBe(0)
  })

  it('takes everything from the environment, and prints JSON', async () => {
    const primary = await topology.primary()
    const { exitCode, stdout } = await cli(['status', '--json'], {
      REDIS_SENTINELS: sentinels,
      REDIS_NAME: 'orders',
      REDIS_PASSWORD: PASSWORD,
      REDIS_SENTINEL_PASSWORD: SENTINEL_PASSWORD
    })
    expect(JSON.parse(stdout)).toMatchObject({
      name: 'orders',
      health: 'healthy',
      problems: [],
      primary: `${primary.address.host}:${primary.address.port}`,
      settings: { quorum: 2, downAfterMs: 1000 },
      replicas: [
        { linkUp: true, down: false },
        { linkUp: true, down: false }
      ],
      sentinels: [{ reachable: true, others: 2 }, { reachable: true }, { quorumCheck: { ok: true } }]
    })
    expect(exitCode).toBe(0)
    expect(stdout).not.toContain('secret')
  })

  it('takes a group for healthy whose sentinels may not be asked for the quorum, as by the rights of docs/security.md', async () => {
    const { sentinels: all } = topology
    const rules = ['reset', 'on', `>${PASSWORD}`, ...SENTINEL_RIGHTS.split(' ')]
    await Promise.all(all.map((one) => one.command('ACL', 'SETUSER', 'watcher', ...rules)))
    const nodes = ['--sentinels', sentinels, '--name', 'orders', '--password', PASSWORD]
    const watcher = ['--sentinel-username', 'watcher', '--sentinel-password', PASSWORD]
    const { exitCode, stdout, lastLine } = await cli(['status', ...nodes, ...watcher])
    await Promise.all(all.map((one) => one.command('ACL', 'DELUSER', 'watcher')))
    expect(stdout.match(/ yes .* no +–$/gm)).toHaveLength(3)
    expect([lastLine, exitCode]).toEqual(['healthy', 0])
  })

  it('says which password is wrong', async () => {
    const args = ['status', '--sentinels', sentinels, '--name', 'orders', '--timeout', '1500']
    const wrongNode = await cli([...args, '--password', 'x', '--sentinel-password', SENTINEL_PASSWORD])
    expect(wrongNode.lastLine).toMatch(/^degraded: no primary of "orders" .*WRONGPASS.* give --password/)
    expect(wrongNode.exitCode).toBe(1)
    const wrongSentinel = await cli([...args, '--password', PASSWORD, '--sentinel-password', 'x'])
    expect(wrongSentinel.lastLine).toMatch(
      /^unreachable: no sentinel can be asked; 127\..*WRONGPASS.* give --sentinel-password/
    )
    expect(wrongSentinel.exitCode).toBe(3)
  })

  it('says which names the sentinels know when it is another', async () => {
    const args = ['--name', 'order', '--sentinel-password', SENTINEL_PASSWORD]
    const { exitCode, lastLine } = await cli(['status', '--sentinels', sentinels, ...args])
    expect(lastLine).toMatch(/know no group "order"; they know: orders/)
    expect(exitCode).toBe(1)
  })

  it('says that it is degraded, and why, when a replica and a sentinel are dead', async () => {
    const [replica] = await topology.replicas()
    const [, sentinel] = topology.sentinels
    await Promise.all([replica?.kill(), sentinel?.kill()])
    const { exitCode, lastLine, stdout } = await statusUntil(
      ['status', '--url', topology.url],
      /replica .* is down \(s_down/
    )
    expect(lastLine).toContain(`replica ${replica?.address.host}:${replica?.address.port} is down (s_down`)
    expect(lastLine).toMatch(
      new RegExp(`sentinel ${sentinel?.address.host}:${sentinel?.address.port} is not reachable`)
    )
    expect(stdout.match(/ OK 2 usable Sentinels$/gm)).toHaveLength(2)
    expect(exitCode).toBe(1)
    await Promise.all([replica?.start(), sentinel?.start()])
    expect(await statusUntil(['status', '--url', topology.url], /^healthy$/)).toMatchObject({ exitCode: 0 })
  })

  it('says that it cannot ask anyone', async () => {
    const { exitCode, lastLine } = await cli([
      'status',
      '--sentinels',
      '127.0.0.1:1',
      '--name',
      'orders',
      '--timeout',
      '500'
    ])
    expect(lastLine).toBe(
      'unreachable: no sentinel can be asked; 127.0.0.1:1: cannot be reached: connect ECONNREFUSED 127.0.0.1:1'
    )
    expect(exitCode).toBe(3)
  })

  it.each<[string, string[], RegExp]>([
    ['no sentinels', ['status', '--name', 'x'], /--sentinels is missing/],
    ['no name', ['status', '--sentinels', 'a:1'], /--name is missing/],
    ['a URL and names', ['status', '--url', 'redis+sentinel://a/b', '--name', 'x'], /either the URL or those two/],
    ['a bad port', ['status', '--sentinels', 'a:99999', '--name', 'x'], /"99999".*1 to 65535/],
    [
      'a missing file',
      ['status', '--sentinels', 'a:1', '--name', 'x', '--password-file', '/none'],
      /--password-file.*ENOENT/
    ],
    [
      'an unknown flag',
      ['status', '--sentinel', 'a:1'],
      /unknown option '--sentinel'[^]*\(ioredis-sentinel status --help says what it takes\)\n$/
    ],
    ['an unknown command', ['stats'], /unknown command 'stats'[^]*\(ioredis-sentinel --help says what it takes\)\n$/]
  ])('refuses %s with exit code 2', async (_, args, message) => {
    const { exitCode, stderr, stdout } = await cli(args)
    expect(stderr).toMatch(message)
    expect(stderr).not.toContain('    at ')
    expect(stdout).toBe('')
    expect(exitCode).toBe(2)
  })

  it.each<[string, string[], RegExp]>([
    ['by the command line', ['status', '--json', '--sentinel', 'a:1'], /^unknown option '--sentinel'/],
    ['by the connection', ['status', '--sentinels', 'a:1', '--json'], /^--name is missing/]
  ])('says what is wrong as JSON too, when refused %s', async (_, args, problem) => {
    const { exitCode, stderr, stdout } = await cli(args)
    expect(JSON.parse(stdout)).toEqual({ outcome: 'wrong-usage', problem: expect.stringMatching(problem) as unknown })
    expect(stderr).toMatch(/^error: /)
    expect(exitCode).toBe(2)
  })

  it('says in a line what cannot be written, and ends with 70 instead of 0, and with any other code as ever', () => {
    const toFullDisk = (words: string) =>
      spawnSync('sh', ['-c', `'${process.execPath}' '${COMMAND_LINE}' ${words} > /dev/full`], { encoding: 'utf8' })
    const stderr = expect.stringMatching(/^error: what this command says cannot be written: ENOSPC[^\n]*\n$/) as unknown
    for (const words of [`status --url '${topology.url}'`, '--help'])
      expect(toFullDisk(words), words).toMatchObject({ status: 70, stderr })
    expect(toFullDisk('status --sentinels 127.0.0.1:1 --name none')).toMatchObject({ status: 3, stderr })
  })

  it('documents its exit codes', async () => {
    const { exitCode, stdout } = await cli(['status', '--help'])
    expect(stdout).toMatch(
      /Exit codes:\n {2}0 {2}healthy.*\n {2}1 {2}degraded.*\n {2}2 {2}wrong usage\n {2}3 {2}no sentinel/
    )
    expect(exitCode).toBe(0)
  })
})

/** Has a command meet what nobody foresaw, by this script that runs before it. */
const meeting = (script: string) => ({ NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(script)}` })

/** Once it can be caught. */
const OUT_OF_NOWHERE = `const wait = setInterval(() => {
  if (process.listenerCount('uncaughtException') === 0) return
  clearInterval(wait)
  throw new RangeError('out of nowhere')
}, 10).unref()`

/** Only what status prints is indented. */
const INDENTED = `const { stringify } = JSON
JSON.stringify = (value, replacer, indent) => {
  if (indent === undefined) return stringify(value, replacer)
  throw new TypeError('one\\n  two')
}`

describe('what nobody foresaw', () => {
  it.each<[string, string, string, string[]]>([
    ['in a command', INDENTED, 'TypeError: one two', ['status']],
    ['beside it', OUT_OF_NOWHERE, 'RangeError: out of nowhere', ['watch', '--for', '20000']]
  ])('is told in one line and as JSON, %s, with an exit code of its own', async (_, script, problem, words) => {
    const { exitCode, stdout, stderr, lastLine } = await cli(
      [...words, '--url', topology.url, '--json'],
      meeting(script)
    )
    expect([exitCode, stderr]).toEqual([70, `error: ${problem}\n`])
    expect(JSON.parse(lastLine), stdout).toEqual({ outcome: 'failed', problem })
  })

  it.each(['status', 'watch', 'doctor', 'dashboard', 'failover', 'drill', 'local', 'completion'])(
    'has its exit code in the help of %s',
    async (command) => {
      expect((await cli([command, '--help'])).stdout).toMatch(/^Any command exits with 70 for an error/m)
    }
  )
})
