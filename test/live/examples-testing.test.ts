import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/** What each runner says when its one test has passed. */
const PASSED: Readonly<Record<string, RegExp>> = {
  vitest: /Tests +1 passed \(1\)/,
  jest: /Tests: +1 passed, 1 total/,
  'node-test': /^(#|ℹ) pass 1$/m
}

test.concurrent.each(Object.entries(PASSED))(
  'examples/testing/shop.%s.ts passes, by its command',
  async (runner, says) => {
    const [first = ''] = readFileSync(`examples/testing/shop.${runner}.ts`, 'utf8').split('\n')
    const { code, output } = await shell(first.replace('// ', ''))
    expect(code, output).toBe(0)
    expect(output).toMatch(says)
  },
  180_000
)

function shell(command: string): Promise<{ code: number; output: string }> {
  // A vitest in a vitest takes what this one has set for itself.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_ENV|TEST$|CI$)/.test(name))
  )
  return new Promise((resolve) => {
    execFile('sh', ['-c', command], { env: { ...env, NO_COLOR: '1' }, timeout: 170_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
      resolve({ code, output: `${stdout}${stderr}` })
    })
  })
}
