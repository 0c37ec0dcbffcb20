import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { commandsIn } from '../package/markdown.js'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const BEGINNING = 'npm run simulate -- '
const COMMANDS = commandsIn(readFileSync(`${ROOT}docs/reliability.md`, 'utf8'))
  .filter((command) => command.startsWith(BEGINNING))
  .map((command) => command.slice(BEGINNING.length))

/** What each says, and what it ends with: the bug that is put in has to be found. */
const SAYS: Readonly<Record<string, readonly [exitCode: number, text: RegExp]>> = {
  '--seeds 20000': [0, /^20 schedules \(thin\) in [^]*; 0 failures; traces \w+\n$/],
  '--seeds 300 --client real': [0, /^3 schedules \(real\) in [^]*; 0 failures; traces \w+\n$/],
  '--seed 5400': [0, /\ntrace \w+; 0 violations\n$/],
  '--mutate fence': [1, /^seed \d+ \(thin, trace \w+\) breaks [^]*; [1-9]\d* failures; traces \w+\n$/]
}

it('the commands of docs/reliability.md are told of here', () => {
  expect(COMMANDS.sort()).toEqual(Object.keys(SAYS).sort())
})

it.each(Object.entries(SAYS))(
  'npm run simulate -- %s, with a thousandth or a hundredth of the seeds',
  async (words, [exitCode, text]) => {
    const short = words.replace('20000', '20').replace('300', '3')
    const { code, stdout } = await simulate(short.split(' '))
    expect(stdout).toMatch(text)
    expect(code).toBe(exitCode)
  }
)

function simulate(words: readonly string[]): Promise<{ code: number; stdout: string }> {
  const args = ['--import', 'tsx', 'scripts/simulate.ts', ...words]
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: ROOT, timeout: 170_000 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : 1, stdout: stdout || stderr })
    })
  })
}
