import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTopology, type LocalTopology } from '../../src/testkit/index.js'
import { Child } from './child.js'
import { eventually } from './support/server-view.js'
import { COMMAND_LINE } from './support/command-line.js'
import { onTerminal } from './support/on-terminal.js'

interface Local {
  readonly url: string
  readonly ca: string | null
  readonly nodes: readonly { readonly address: string; readonly pid: number }[]
  readonly sentinels: readonly { readonly address: string; readonly pid: number }[]
}

const cli = (...args: readonly string[]): Child => new Child(COMMAND_LINE, args)

const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`)

async function said(child: Child, text: RegExp): Promise<void> {
  await eventually(() => {
    expect(`${child.stdout}${child.stderr}`).toMatch(text)
  }, 60_000)
}

describe('ioredis-sentinel local', () => {
  it('runs a group with password and TLS until it is interrupted, and leaves nothing', async () => {
    await using local = cli(
      ...['local', '--name', 'orders', '--replicas', '1', '--sentinels', '1'],
      ...['--password', 'local-secret', '--tls', '--json']
    )
    await said(local, /\n$/)
    const { url, ca, nodes, sentinels } = JSON.parse(local.stdout) as Local
    expect(url).toMatch(/^rediss\+sentinel:.*local-secret.*\/orders/)
    const pids = [...nodes, ...sentinels].map(({ pid }) => pid)
    expect(pids).toHaveLength(3)
    await using status = cli('status', '--url', url, '--ca', String(ca))
    expect([await status.ended(), status.stdout]).toEqual([0, expect.stringMatching(/^healthy$/m)])
    const password = ['--pass', 'local-secret', '--no-auth-warning', '--tls', '--cacert', String(ca)]
    for (const { address } of nodes) {
      const [host = '', port = ''] = address.split(':')
      const asked = ['-h', host, '-p', port, ...password, 'CONFIG', 'SET', 'tls-auth-clients', 'yes']
      expect(spawnSync('redis-cli', asked, { encoding: 'utf8' })).toMatchObject({ stdout: 'OK\n' })
    }
    const certificate = join(dirname(dirname(String(ca))), 'tls', `${basename(dirname(String(ca)))}`)
    const shown = ['--cert', `${certificate}.crt`, '--key', `${certificate}.key`]
    await using unknown = cli('watch', '--url', url, '--ca', String(ca), '--for', '60000')
    await using known = cli('watch', '--url', url, '--ca', String(ca), ...shown, '--for', '60000')
    await said(unknown, /tls-auth-clients no at the server/)
    await said(known, /primary: none → 127/)
    local.process.kill('SIGINT')
    local.process.kill('SIGINT')
    expect(await local.ended()).toBe(0)
    expect(pids.filter(isAlive)).toEqual([])
    expect(existsSync(String(ca))).toBe(false)
  })

  it('leaves nothing of TLS either when it is killed', async () => {
    await using local = cli('local', '--replicas', '0', '--sentinels', '1', '--tls', '--json')
    await said(local, /\n$/)
    const { ca } = JSON.parse(local.stdout) as Local
    expect(existsSync(String(ca))).toBe(true)
    local.process.kill('SIGKILL')
    await eventually(() => expect(existsSync(dirname(dirname(String(ca))))).toBe(false), 20_000)
    expect(existsSync(String(ca))).toBe(false)
  })

  it('says in words how to go on', async () => {
    await using local = cli('local', '--replicas', '0', '--sentinels', '1')
    await said(local, /ctrl-C ends it/)
    expect(local.stdout).toMatch(/^ {2}primary {3}127\.\S+ +pid \d+$/m)
    expect(local.stdout).toMatch(/^url {2}redis\+sentinel:\/\/127\.\S+\/mymaster$/m)
    expect(local.stdout).toMatch(/ioredis-sentinel watch --url 'redis\+sentinel:/)
    local.process.kill('SIGTERM')
    expect(await local.ended()).toBe(0)
  })

  it('says what is missing, and what is wrong', async () => {
    await using without = cli('local', '--server', '/nowhere/redis-server')
    expect(await without.ended()).toBe(1)
    expect(without.stderr).toMatch(/^error: .*\/nowhere\/redis-server/)
    await using asJson = cli('local', '--server', '/nowhere/redis-server', '--json')
    expect(await asJson.ended()).toBe(1)
    expect(JSON.parse(asJson.stdout)).toEqual({
      outcome: 'failed',
      problem: expect.stringContaining('/nowhere/redis-server') as unknown
    })
    expect(asJson.stderr).toBe(without.stderr)
    await using wrong = cli('local', '--replicas', 'many')
    expect(await wrong.ended()).toBe(2)
    expect(wrong.stderr).toContain('Give a whole number from 0 to 50.')
  })
})

describe('on a running group', () => {
  let topology: LocalTopology
  beforeAll(async () => {
    topology = await startTopology()
  })
  afterAll(() => topology.stop())

  it('failover moves the primary, and watch tells all of it, in words and in JSON', async () => {
    await using lines = cli('watch', '--url', topology.url)
    await using json = cli('watch', '--url', topology.url, '--json')
    await said(lines, /sentinel \S+ answers/)
    await said(json, /(?:"replica-up"[^]*){2}/)
    const before = await topology.primary()
    await using failover = cli('failover', '--url', topology.url, '--yes', '--patience', '0')
    expect(await failover.ended()).toBe(0)
    expect(failover.stdout).toMatch(/^ +[\d.]+ ms {2}sentinel \S+ +\+try-failover/m)
    expect(failover.stdout.trimEnd().split('\n').at(-1)).toMatch(/^moved {2}127\.\S+ → 127\.\S+ in \d+ ms, epoch \d+; /)
    await said(lines, /Z {2}moved {2}127/)
    await said(json, /"event":"failover"/)
    const events = json.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; from?: string; outcome?: string })
    expect(events.find(({ event }) => event === 'failover')).toMatchObject({
      outcome: 'moved',
      from: `${before.address.host}:${before.address.port}`
    })
    expect(events.map(({ event }) => event)).toContain('primary-changed')
    expect(events).toContainEqual(expect.objectContaining({ event: 'replica-down', now: 'primary' }))
    expect(await topology.primary()).not.toBe(before)
    for (const child of [lines, json]) {
      child.process.kill('SIGINT')
      expect(await child.ended()).toBe(0)
    }
  })

  it('watch that is ended while it still tries to connect tells what it met, and nothing of its own end', async () => {
    await using child = cli('watch', '--url', topology.url, '--sentinel-tls', '--json')
    await said(child, /speaks no TLS.*\n$/)
    child.process.kill('SIGINT')
    expect(await child.ended()).toBe(0)
    const told = child.stdout.trimEnd().split('\n')
    const messages = told.map((line) => (JSON.parse(line) as { readonly message?: string }).message ?? '')
    expect(messages.filter((message) => !/speaks no TLS.*--sentinel-tls or/.test(message))).toEqual([])
  })

  it('watch tells trouble again that comes back after it was over', async () => {
    const primary = await topology.primary()
    const onAll = (...words: readonly string[]) => Promise.all(topology.nodes.map((node) => node.command(...words)))
    const grant = () => onAll('ACL', 'SETUSER', 'watcher', 'on', '>pw', '~*', '&*', '+@all')
    // It cuts the connections of the user.
    const revoke = () => onAll('ACL', 'DELUSER', 'watcher')
    await grant()
    await using watch = cli('watch', '--url', topology.url, '--username', 'watcher', '--password', 'pw', '--json')
    /** Only a client that is ready asks. */
    const asks = () =>
      eventually(async () => {
        const clients = String(await primary.command('CLIENT', 'LIST'))
        expect(clients).toMatch(/ name=ioredis-sentinel-watch .* cmd=info user=watcher /)
      }, 30_000)
    const troubles = (): string[] =>
      watch.stdout
        .split('\n')
        .filter((line) => line.includes('"event":"trouble"'))
        .map((line) => (JSON.parse(line) as { readonly message: string }).message)
    await asks()
    await revoke()
    await eventually(() => expect(troubles()).not.toEqual([]), 30_000)
    await grant()
    await asks()
    await revoke()
    await eventually(() => expect(new Set(troubles()).size).toBeLessThan(troubles().length), 30_000)
  })

  it('watch ends well when nobody reads any more', () => {
    const line = `{ '${process.execPath}' '${COMMAND_LINE}' watch --url '${topology.url}'; echo "$?" >&2; } | head -1`
    const { stdout, stderr } = spawnSync('sh', ['-c', line], { encoding: 'utf8' })
    expect([stdout.split('\n').length, stderr]).toEqual([2, '0\n'])
  })

  it('watch lasts as long as it is to though what it says cannot be written, and tells that', () => {
    const line = `'${process.execPath}' '${COMMAND_LINE}' watch --for 1500 --url '${topology.url}' > /dev/full`
    const startedAt = performance.now()
    const { status, stderr } = spawnSync('sh', ['-c', line], { encoding: 'utf8' })
    expect(performance.now() - startedAt).toBeGreaterThan(1_500)
    expect(stderr).toMatch(/^error: what this command says cannot be written: ENOSPC[^\n]*\n$/)
    expect(status).toBe(70)
  })

  it('failover tells what went wrong, and does nothing unasked', async () => {
    await topology.settled()
    const before = await topology.primary()
    await using unasked = cli('failover', '--url', topology.url)
    expect([await unasked.ended(), unasked.stderr]).toEqual([2, expect.stringContaining('--yes is missing')])
    await using both = cli('failover', '--url', topology.url, '--yes', '--manual', '--coordinated')
    expect([await both.ended(), both.stderr]).toEqual([2, expect.stringContaining('give one of them')])
    await using nobody = cli('failover', '--sentinels', '127.0.0.1:1', '--name', 'none', '--yes', '--timeout', '500')
    expect([await nobody.ended(), nobody.stdout]).toEqual([3, expect.stringContaining('127.0.0.1:1')])
    expect(await topology.primary()).toBe(before)
  })

  it('failover asks on a terminal, and watch draws there', async () => {
    const before = await topology.primary()
    const inTerminal = (answer: string, command: string): { readonly status: number | null; readonly text: string } => {
      // util-linux's script gives it a terminal.
      const line = `stty rows 40 cols 120; ${process.execPath} ${COMMAND_LINE} ${command} --url '${topology.url}'`
      const { status, stdout } = spawnSync('script', ['-qec', line, '/dev/null'], { input: answer, encoding: 'utf8' })
      return { status, text: stdout }
    }
    const asked = inTerminal('n\n', 'failover')
    expect(asked.text).toMatch(/Move the primary of "mymaster" from \S+ to one of 2 replicas\? .*\[y\/N\]/)
    expect(asked.text).toContain('nothing was done')
    expect(asked.status).toBe(4)
    expect(await topology.primary()).toBe(before)
    expect(inTerminal('', 'watch --for 100')).toMatchObject({ status: 0 })
    const watch = onTerminal(`${process.execPath} ${COMMAND_LINE} watch --url '${topology.url}'`)
    await watch.shows(/├─ replica {2}127\.\S+ {2}[█░]{20} [\d,]+ B behind/)
    expect(await watch.interrupt()).toBe(0)
  })
})
