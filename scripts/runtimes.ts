import { say } from './lib/say.mjs'
import { NotToBeHad } from './matrix/cache.js'
import type { RuntimeName } from './runtimes/catalogue.js'
import { installPacked } from './runtimes/installed.js'
import { parseOptions } from './runtimes/options.js'
import { prepareRuntime } from './runtimes/prepare.js'
import { runRuntime, type Step } from './runtimes/run-runtime.js'

/** Whether every step worked. */
async function runAll(names: readonly RuntimeName[]): Promise<boolean> {
  const { folder, remove } = await installPacked()
  let isGood = true
  try {
    for (const name of names) {
      const program = await prepareRuntime(name)
      for (const tls of [false, true]) {
        say(`\n${name} ${program.version}${tls ? ', TLS' : ''}`)
        const steps = await runRuntime(program, folder, { tls })
        for (const step of steps) say(lineOf(step))
        isGood &&= steps.every(({ ok }) => ok)
      }
    }
    return isGood
  } finally {
    remove()
  }
}

function lineOf({ step, ok, told }: Step): string {
  return `  ${ok ? 'works' : 'FAILS'}: ${step}${told === '' ? '' : ` (${told})`}`
}

const parsed = parseOptions(process.argv.slice(2))
if (parsed.ok) {
  try {
    process.exitCode = (await runAll(parsed.options.runtimes)) ? 0 : 1
  } catch (error) {
    if (!(error instanceof NotToBeHad)) throw error
    console.error(error.message)
    process.exitCode = 1
  }
} else process.exitCode = parsed.exitCode
