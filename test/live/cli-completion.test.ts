import { execFile } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it, type TestContext } from 'vitest'
import { findProgram } from '../../scripts/lib/programs.mjs'
import { COMMAND_LINE } from './support/command-line.js'
import { onTerminal } from './support/on-terminal.js'

const run = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'completion-'))
const environment = { ...process.env, PATH: `${folder}:${process.env['PATH']}` }

/** What the shell finds when it looks for the program. */
beforeAll(async () => {
  const program = join(folder, 'ioredis-sentinel')
  writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${COMMAND_LINE}" "$@"\n`)
  chmodSync(program, 0o755)
  for (const shell of ['bash', 'zsh', 'fish']) writeFileSync(fileOf(shell), await script(shell))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const fileOf = (shell: string): string => join(folder, `script.${shell}`)

const script = async (shell: string): Promise<string> =>
  (await run('ioredis-sentinel', ['completion', shell], { env: environment })).stdout

function skipWithout(shell: string, context: TestContext): void {
  if (findProgram(shell) === undefined) context.skip(`${shell} is not installed`)
}

/** What bash offers for this line, by the function that the script has registered, as at a TAB. */
async function offered(line: string): Promise<string[]> {
  const words = line.split(/ |(=)/).filter((word) => word !== undefined)
  const asked = `
source ${fileOf('bash')}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')})
COMP_CWORD=${words.length - 1}
registered=$(complete -p ioredis-sentinel)
registered=\${registered#*-F }
"\${registered%% *}"
printf '%s\\n' "\${COMPREPLY[@]}"
`
  const { stdout, stderr } = await run('bash', ['--norc', '-c', asked], { env: environment })
  expect(stderr).toBe('')
  return stdout.split('\n').filter((word) => word !== '')
}

describe('completion in bash', () => {
  it('offers the commands', async () => {
    expect(await offered('ioredis-sentinel ')).toEqual(
      expect.arrayContaining(['status', 'watch', 'failover', 'local', 'completion'])
    )
    expect(await offered('ioredis-sentinel sta')).toEqual(['status'])
  })

  it('offers the flags of the command that was typed', async () => {
    const flags = await offered('ioredis-sentinel status --sentinel')
    expect(flags.sort()).toEqual([
      '--sentinel-password',
      '--sentinel-password-file',
      '--sentinel-tls',
      '--sentinel-username',
      '--sentinels'
    ])
    expect(await offered('ioredis-sentinel failover --man')).toEqual(['--manual'])
    expect(await offered('ioredis-sentinel status --man')).toEqual([])
  })

  it('offers the values of a flag that has a choice, and the shells', async () => {
    expect((await offered('ioredis-sentinel failover --by ')).sort()).toEqual(['client', 'sentinel'])
    expect(await offered('ioredis-sentinel failover --by=s')).toEqual(['sentinel'])
    expect(await offered('ioredis-sentinel completion f')).toEqual(['fish'])
  })

  it('leaves files to bash, and offers nothing for other values', async () => {
    expect(await offered('ioredis-sentinel status --ca ')).toEqual([])
    expect(await offered('ioredis-sentinel status --name ')).toEqual([])
    for (const flag of ['ca', 'cert', 'key']) expect(await script('bash')).toContain(`'status --${flag}') return 0 ;;`)
  })

  it('runs nothing of what was typed', async () => {
    expect(await offered('ioredis-sentinel status --name $(touch${IFS}ran) --js')).toEqual(['--json'])
    expect(existsSync('ran')).toBe(false)
  })
})

/** What fish offers for this line. */
async function offeredByFish(line: string): Promise<string[]> {
  const asked = `source ${fileOf('fish')}; complete -C "${line}"`
  const { stdout, stderr } = await run('fish', ['--no-config', '-c', asked], { env: environment })
  expect(stderr).toBe('')
  return stdout.split('\n').flatMap((offer) => offer.split('\t').slice(0, 1).filter(Boolean))
}

describe('completion in fish', () => {
  beforeEach((context) => {
    skipWithout('fish', context)
  })

  it('offers the commands', async () => {
    expect(await offeredByFish('ioredis-sentinel ')).toEqual(
      expect.arrayContaining(['status', 'watch', 'failover', 'local', 'completion'])
    )
    expect(await offeredByFish('ioredis-sentinel sta')).toEqual(['status'])
  })

  it('offers the flags of the command that was typed', async () => {
    expect(await offeredByFish('ioredis-sentinel failover --man')).toEqual(['--manual'])
    expect(await offeredByFish('ioredis-sentinel status --man')).toEqual([])
  })

  it('offers the values of a flag that has a choice', async () => {
    expect((await offeredByFish('ioredis-sentinel failover --by ')).sort()).toEqual(['client', 'sentinel'])
  })
})

describe('completion in zsh', () => {
  beforeEach((context) => {
    skipWithout('zsh', context)
  })

  it('completes commands, flags and values at a TAB', async () => {
    const zsh = onTerminal('zsh -f -i', environment)
    // The word is put together by zsh, so that it is not there when it is only typed.
    zsh.type(`autoload -Uz compinit; compinit -u -d ${folder}/dump; source ${fileOf('zsh')}; print be''gun\r`)
    await zsh.shows(/^begun/m)
    zsh.type('ioredis-sentinel sta\t')
    await zsh.shows(/ioredis-sentinel status/)
    zsh.type('--jso\t')
    await zsh.shows(/ioredis-sentinel status --json/)
    // Another command has it not.
    zsh.type('--manu\t;')
    await zsh.shows(/ioredis-sentinel status --json --manu;/)
    zsh.type('\u0015ioredis-sentinel failover --manu\t')
    await zsh.shows(/ioredis-sentinel failover --manual/)
    zsh.type('--by cl\t')
    await zsh.shows(/ioredis-sentinel failover --manual --by client/)
    zsh.type('\u0015exit\r')
    expect(await zsh.ended()).toBe(0)
  })
})

describe('ioredis-sentinel completion', () => {
  it.each([
    ['zsh', `'--by[`],
    ['fish', '-l by -x -a ']
  ])('prints a script for %s', async (shell, words) => {
    const text = await script(shell)
    expect(text).toContain(words)
    for (const command of ['status', 'watch', 'failover', 'local', 'completion']) expect(text).toContain(command)
  })

  it.for(['zsh', 'fish'])('prints a script that %s can read', async (shell, context) => {
    skipWithout(shell, context)
    await run(shell, ['-n', fileOf(shell)])
  })

  it('names the shells when it is given another', async () => {
    await expect(script('tcsh')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('bash, zsh, fish') as string
    })
  })
})
