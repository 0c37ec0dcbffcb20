import { onTestFinished } from 'vitest'
import { Terminal } from '../../../scripts/terminal/terminal.js'

/** A program on a terminal of its own that outlives the test in no case, whatever the test expected of it. */
export function onTerminal(line: string, env: NodeJS.ProcessEnv = process.env): Terminal {
  const terminal = new Terminal(line, env)
  onTestFinished(() => terminal.end())
  return terminal
}
