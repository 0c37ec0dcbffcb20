import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { sameInstall } from '../../../scripts/lib/ensure-node-modules.mjs'
import { withoutStartingServices } from '../../../scripts/lib/package-managers.mjs'
import { Checkout } from './checkout.js'

let checkout: Checkout | undefined
afterEach(async () => {
  await checkout?.remove()
  checkout = undefined
})

const INSTALLS_REDIS = `echo "apk $*"\nprintf '#!/bin/sh' > "$BIN/redis-server"\n/bin/chmod 755 "$BIN/redis-server"`
/** As sudo without a password: for a run of these tests that is not root's. */
const SUDO = `shift\nexec "$@"`

describe('a machine without a redis server', () => {
  it('is told in one line what to install, when nothing can install it', async () => {
    checkout = await Checkout.make({ packages: 'installed' })
    const { code, stdout, stderr } = await checkout.run('prepare')
    expect(code).toBe(1)
    expect(stdout).toBe('')
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^neither redis-server nor valkey-server is on the PATH.*apt-get install -y redis-server/)
    ])
  })

  it('gets one from its package manager, and is left alone the next time', async () => {
    checkout = await Checkout.make({ packages: 'installed' })
    await checkout.layProgram('apk', INSTALLS_REDIS)
    await checkout.layProgram('iptables', '')
    await checkout.layProgram('sudo', SUDO)
    expect(await checkout.run('prepare')).toMatchObject({
      code: 0,
      stdout: 'installing redis by apk …\napk add --no-cache --quiet redis\n'
    })
    expect(await checkout.run('prepare')).toMatchObject({ code: 0, stdout: '' })
  })

  it('tries the next set of packages when the first does not bring a server', async () => {
    checkout = await Checkout.make({ packages: 'installed' })
    await checkout.layProgram(
      'apk',
      `case "$*" in *valkey*) printf '#!/bin/sh' > "$BIN/valkey-server"; /bin/chmod 755 "$BIN/valkey-server";; *) exit 1;; esac`
    )
    await checkout.layProgram('iptables', '')
    await checkout.layProgram('sudo', SUDO)
    expect(await checkout.run('prepare')).toMatchObject({
      code: 0,
      stdout: 'installing redis by apk …\ninstalling valkey by apk …\n'
    })
  })

  it('hears that the package manager failed', async () => {
    checkout = await Checkout.make({ packages: 'installed' })
    await checkout.layProgram('apk', 'echo "no network" >&2; exit 1')
    await checkout.layProgram('sudo', SUDO)
    const { code, stderr } = await checkout.run('prepare')
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^no network\nno network\nneither .* apk did not install them, see above\. .*apk add redis\n$/
    )
  })
})

describe('a checkout without npm packages', () => {
  it('installs them as the lock file says', async () => {
    checkout = await Checkout.make({ packages: 'missing' })
    await checkout.layProgram('npm', `echo "npm $*"`)
    await checkout.layProgram('redis-server', '')
    await checkout.layProgram('iptables', '')
    const { code, stdout } = await checkout.run('prepare')
    expect(code).toBe(0)
    expect(stdout).toBe('installing npm packages (none there) …\nnpm ci --include=dev --no-audit --no-fund\n')
  })

  it('says so in one line when that fails', async () => {
    checkout = await Checkout.make({ packages: 'missing' })
    await checkout.layProgram('npm', 'exit 7')
    const { code, stderr } = await checkout.run('demo')
    expect(code).toBe(1)
    expect(stderr).toBe('npm packages were not installed: npm ci ended with exit code 7, see above\n')
  })

  it('says so when there is no npm', async () => {
    checkout = await Checkout.make({ packages: 'missing' })
    const { code, stderr } = await checkout.run('test')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^npm packages were not installed: /)
  })
})

describe('the npm packages that are there', () => {
  const lock = {
    '': {},
    'node_modules/a': { version: '1.0.0' },
    'node_modules/b': { version: '2.0.0', optional: true }
  }
  it.each([
    ['all of them', { 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '2.0.0' } }, true],
    ['without the one for another system', { 'node_modules/a': { version: '1.0.0' } }, true],
    ['one missing', { 'node_modules/b': { version: '2.0.0' } }, false],
    ['another version', { 'node_modules/a': { version: '1.0.1' } }, false],
    ['one too many', { 'node_modules/a': { version: '1.0.0' }, 'node_modules/c': { version: '1.0.0' } }, false]
  ])('%s', (_, installed, same) => {
    expect(sameInstall(lock, installed)).toBe(same)
  })
})

describe('the policy against starting services', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ioredis-sentinel-policy-'))
  const policy = join(folder, 'policy-rc.d')
  const run = (script: string) => {
    const command: string[] = withoutStartingServices(['sh', '-c', script], policy)
    return spawnSync(command[0] ?? '', command.slice(1), { encoding: 'utf8' })
  }
  afterAll(() => rmSync(folder, { recursive: true }))

  it('is there while the package manager runs, and then gone', () => {
    expect(run(`'${policy}'; echo $?; exit 3`)).toMatchObject({ stdout: '101\n', status: 3 })
    expect(existsSync(policy)).toBe(false)
  })

  it.each(['HUP', 'INT', 'TERM'])('is gone when SIG%s ends the package manager', (signal) => {
    run(`kill -${signal} $PPID; kill -${signal} $$`)
    expect(existsSync(policy)).toBe(false)
  })

  it('leaves one that was there as it was', () => {
    writeFileSync(policy, 'of this machine')
    expect(run(`cat '${policy}'`).stdout).toBe('of this machine')
    expect(existsSync(policy)).toBe(true)
  })
})
