import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Checkout } from './checkout.js'

let checkout: Checkout
beforeEach(async () => {
  checkout = await Checkout.make({ packages: 'installed' })
  await checkout.layProgram('redis-server', '')
  await checkout.layProgram('iptables', '')
})
afterEach(() => checkout.remove())

const demo = (text: string) => checkout.lay('examples/demo/main.ts', text)

describe('npm run demo', () => {
  it('runs the TypeScript program with the arguments and the output given, and exits as it does', async () => {
    await demo(`const words: string[] = process.argv.slice(2)\nconsole.log(words.join('|'))\nprocess.exitCode = 3`)
    expect(await checkout.run('demo', '--fault', 'kill')).toMatchObject({
      code: 3,
      stdout: '--fault|kill\n',
      stderr: ''
    })
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('hands %s on and lets the program end by itself', async (signal) => {
    await demo(`
      const alive = setInterval(() => undefined, 1000)
      process.once('${signal}', () => { clearInterval(alive); console.log('tidied up'); process.exitCode = 5 })
      console.log('ready')`)
    const { code, lastLine } = await checkout.runAndInterrupt('ready', signal, 'demo')
    expect({ code, lastLine }).toEqual({ code: 5, lastLine: 'tidied up' })
  })

  it('exits with 128 and the number of the signal that ended the program', async () => {
    await demo(`console.log('ready'); process.kill(process.pid, 'SIGKILL')`)
    expect((await checkout.run('demo')).code).toBe(137)
  })
})
