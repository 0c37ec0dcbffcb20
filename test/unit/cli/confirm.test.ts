import { expect, it } from 'vitest'
import { checkSomebodyCanBeAsked } from '../../../src/cli/confirm.js'
import { ConfigurationError } from '../../../src/index.js'

type Name = 'stdin' | 'stdout' | 'stderr'

/** A process of which only these are terminals. */
const withTerminals = (...names: readonly Name[]) => {
  const stream = (name: Name) => ({ isTTY: names.includes(name) })
  return { stdin: stream('stdin'), stdout: stream('stdout'), stderr: stream('stderr') }
}

it.each<[string, Name[]]>([
  ['on a terminal', ['stdin', 'stdout', 'stderr']],
  ['where the standard output is a file', ['stdin', 'stderr']],
  ['where the standard error is one', ['stdin', 'stdout']]
])('somebody can be asked %s', (_, names) => {
  expect(() => checkSomebodyCanBeAsked(withTerminals(...names))).not.toThrow()
})

it.each<[string, Name[], RegExp]>([
  ['nobody can answer', ['stdout', 'stderr'], /^--yes is missing: standard input is no terminal/],
  ['nobody sees it', ['stdin'], /^--yes is missing: neither standard output nor standard error is a terminal/]
])('a question is refused where %s', (_, names, message) => {
  const ask = () => checkSomebodyCanBeAsked(withTerminals(...names))
  expect(ask).toThrow(ConfigurationError)
  expect(ask).toThrow(message)
})
