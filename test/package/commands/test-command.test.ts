import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Checkout } from './checkout.js'

const CONFIG = `export default { test: { projects: [
  { test: { name: 'unit', include: ['unit/*.test.js'] } },
  { test: { name: 'spec', include: ['spec/*.test.js'] } }
] } }`
const IMPORTS = `import { afterAll, beforeAll, expect, it } from 'vitest'\n`

let checkout: Checkout
beforeEach(async () => {
  checkout = await Checkout.make({ packages: 'installed' })
  await checkout.lay('vitest.config.mjs', CONFIG)
})
afterEach(() => checkout.remove())

const unit = (text: string) => checkout.lay('unit/a.test.js', IMPORTS + text)
const runUnit = (...args: string[]) => checkout.run('test', '--only', 'unit', ...args)

describe('npm test', () => {
  it('counts and names what failed and what was skipped, and ends with the plain line', async () => {
    await unit(`
      it('holds', () => {})
      it('breaks', () => expect(1, 'one is not two').toBe(2))
      it('waits', (context) => context.skip('needs root'))`)
    const { code, stdout, lastLine } = await runUnit()
    expect(lastLine).toBe('2 passed, 1 failed, 1 skipped')
    expect(stdout).toMatch(/\nskipped\n {2}unit\/a\.test\.js > waits: needs root\n/)
    expect(stdout).toMatch(/\nfailed\n {2}unit\/a\.test\.js > breaks: one is not two/)
    expect(stdout).toMatch(/\n {2}suite +1 passed, 0 failed, 0 skipped/)
    expect(code).toBe(1)
  })

  it('exits with 0 when all passed', async () => {
    await unit(`it('holds', () => {})`)
    expect(await runUnit()).toMatchObject({ code: 0, lastLine: '2 passed, 0 failed, 0 skipped' })
  })

  it.each([
    ['a file that does not load', `throw new Error('at load')`, 'at load'],
    ['a file without a test', '', 'No test suite found'],
    ['a hook that throws', `beforeAll(() => { throw new Error('in the hook') }); it('x', () => {})`, 'in the hook'],
    [
      'an error that nobody handled',
      `it('x', () => { setTimeout(() => { throw new Error('later') }) }); afterAll(() => new Promise((done) => setTimeout(done, 50)))`,
      'later'
    ],
    ['a worker that dies', `it('x', () => { process.kill(process.pid, 'SIGKILL') })`, '']
  ])('counts as failed: %s', async (_, text, message) => {
    await unit(text)
    const { code, stdout, lastLine } = await runUnit()
    expect(code).toBe(1)
    expect(lastLine).toMatch(/^\d+ passed, [12] failed, \d+ skipped$/)
    expect(stdout.slice(stdout.indexOf('\nfailed\n'))).toContain(message)
  })

  it('counts as failed: a project without tests', async () => {
    expect(await runUnit()).toMatchObject({ code: 1, lastLine: '1 passed, 1 failed, 0 skipped' })
  })

  it('counts as failed: a process that a test left behind, and ends it', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    const ended = once(server, 'connection').then(([socket]) => once((socket as Socket).resume(), 'close'))
    await once(server, 'listening')
    await unit(`
      import { spawn } from 'node:child_process'
      it('leaves one', () => {
        const source = 'require("node:net").connect(${(server.address() as AddressInfo).port}, "127.0.0.1")'
        const child = spawn(process.execPath, ['-e', source], { detached: true, stdio: 'ignore' })
        console.log('left pid=' + child.pid)
        child.unref()
      })`)
    const { code, stdout, lastLine } = await runUnit()
    expect(lastLine).toBe('1 passed, 1 failed, 0 skipped')
    expect(stdout).toContain(`nothing left behind: process ${/left pid=(\d+)/.exec(stdout)?.[1]} (`)
    expect(code).toBe(1)
    await ended
    server.close()
  })

  it('counts as failed: a topology folder that a test left behind', async () => {
    await unit(`
      import { mkdtempSync } from 'node:fs'
      import { tmpdir } from 'node:os'
      it('leaves one', () => { mkdtempSync(tmpdir() + '/ioredis-sentinel-') })`)
    const { stdout, lastLine } = await runUnit()
    expect(lastLine).toBe('1 passed, 1 failed, 0 skipped')
    expect(stdout).toMatch(/nothing left behind: folder ioredis-sentinel-/)
  })

  it('runs only the parts and files that were asked for', async () => {
    await unit(`it('one', () => {}); it('two', () => {})`)
    await checkout.lay('spec/b.test.js', `${IMPORTS}it('three', () => {})`)
    expect((await checkout.run('test', '--only', 'unit,spec')).lastLine).toBe('4 passed, 0 failed, 0 skipped')
    expect((await checkout.run('test', '--only', 'unit,spec', 'b.test')).lastLine).toBe('2 passed, 0 failed, 0 skipped')
    expect((await runUnit('-t', 'two')).lastLine).toBe('2 passed, 0 failed, 1 skipped')
    expect(await runUnit('no-such-file')).toMatchObject({ code: 1, lastLine: '1 passed, 1 failed, 0 skipped' })
  })

  it('runs two parts at a time, and tells in one piece what each said', async () => {
    const meets = (own: string, other: string): string => `
      import { existsSync, writeFileSync } from 'node:fs'
      import { vi } from 'vitest'
      it('meets the other', async () => {
        console.log('${own} begins')
        writeFileSync('${own} is here', '')
        await vi.waitFor(() => expect(existsSync('${other} is here')).toBe(true), 60_000)
        console.log('${own} ends')
      }, 60_000)`
    await unit(meets('the unit', 'the spec'))
    await checkout.lay('spec/b.test.js', IMPORTS + meets('the spec', 'the unit'))
    const { stdout, lastLine } = await checkout.run('test', '--only', 'unit,spec')
    expect(lastLine).toBe('3 passed, 0 failed, 0 skipped')
    const [, ...told] = stdout.split(/^(?=unit$|spec$)/m)
    expect(told.map((part) => part.match(/^the \w+ (?:begins|ends)$/gm)).sort()).toEqual([
      ['the spec begins', 'the spec ends'],
      ['the unit begins', 'the unit ends']
    ])
  })

  it('names the parts that there are when asked for another', async () => {
    const { code, stderr } = await checkout.run('test', '--only', 'unti')
    expect(code).toBe(1)
    expect(stderr).toBe(
      '--only unti: there is no such part; there are types, lint, format, unit, spec, manifests, simulation, live, package, kubernetes\n'
    )
  })
})
