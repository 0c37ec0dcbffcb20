import { spawn } from 'node:child_process'
import { constants, setPriority } from 'node:os'
import { ROOT } from './root.mjs'

/**
 * Runs a program in the checkout, and resolves to its exit code (128 + the signal's number when a signal ended it, 127 when
 * it could not be started). What it says goes where this process's output goes, or to the open file `output`. SIGTERM and
 * SIGHUP are handed on. So is SIGINT, unless a terminal is there: a terminal gives Ctrl-C to the child by itself.
 * `stdin: 'ignore'` keeps an installer from asking. With `inTheBackground` it gets the processor when nobody else wants it.
 * @returns {Promise<number>}
 */
export function runProgram(
  file,
  args,
  { env = {}, stdin = 'inherit', output = 'inherit', inTheBackground = false } = {}
) {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: [stdin, output, output]
    })
    if (inTheBackground && child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW)
    const handOn = (signal) => {
      if (signal === 'SIGINT' && process.stdin.isTTY) return
      child.kill(signal)
    }
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
    const done = (code) => {
      for (const signal of signals) process.off(signal, handOn)
      resolve(code)
    }
    for (const signal of signals) process.on(signal, handOn)
    child.once('error', () => done(127))
    child.once('close', (code, signal) => done(code ?? 128 + (constants.signals[signal] ?? 0)))
  })
}
