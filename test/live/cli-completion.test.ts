import { execFile } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { COMMAND_LINE } from './support/command-line.js'

const run = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'completion-'))
const environment = { ...process.env, PATH: `${folder}:${process.env['PATH']}` }

/** What the shell finds when it looks for the program. */
beforeAll(async () => {
  const program = join(folder, 'ioredis-sentinel')
  writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${COMMAND_LINE}" "$@"\n`)
  chmodSync(program, 0o755)
  writeFileSync(join(folder, 'script.bash'), await script('bash'))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const script = async (shell: string): Promise<string> =>
  (await run('ioredis-sentinel', ['completion', shell], { env: environment })).stdout

/** What bash offers for this line, by the function that the script has registered, as at a TAB. */
async function offered(line: string): Promise<string[]> {
  const words = line.split(/ |(=)/).filter((word) => word !== undefined)
  const asked = `
source ${join(folder, 'script.bash')}
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
    const installed = await run('which', [shell]).then(
      () => true,
      () => false
    )
    if (!installed) context.skip(`${shell} is not installed`)
    const file = join(folder, `script.${shell}`)
    writeFileSync(file, await script(shell))
    await run(shell, ['--no-execute', file])
  })

  it('names the shells when it is given another', async () => {
    await expect(script('tcsh')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('bash, zsh, fish') as string
    })
  })
})
