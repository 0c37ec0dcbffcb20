import { say } from './say.mjs'

/** Prints what each part came to, the failures and skips by name, and `N passed, N failed, N skipped` as the last line. */
export function printSummary(parts) {
  const results = parts.flatMap((part) => part.results)
  const width = Math.max(...parts.map(({ name }) => name.length))
  say('\nsummary')
  for (const { name, results, seconds } of parts) {
    say(`  ${name.padEnd(width)}  ${count(results)}  (${seconds.toFixed(1)} s)`)
  }
  printNamed('skipped', results)
  printNamed('failed', results)
  say()
  say(count(results))
}

export function count(results) {
  const of = (state) => results.filter((result) => result.state === state).length
  return `${of('passed')} passed, ${of('failed')} failed, ${of('skipped')} skipped`
}

/** The results of this state by name, each with its reason; nothing when there are none. */
export function printNamed(state, results) {
  const named = results.filter((result) => result.state === state)
  if (named.length === 0) return
  say(`\n${state}`)
  for (const { name, note } of named) say(`  ${name}: ${firstLine(note) ?? 'no reason given'}`)
}

function firstLine(text) {
  return text?.split('\n').find((line) => line.trim() !== '')
}
