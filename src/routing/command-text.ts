import type { Arg } from './arg.js'

const MOST_WORDS = 64
const MOST_CHARACTERS = 1_024

/** The command with its keys, and `?` for all else. */
export function commandText(name: string, args: readonly Arg[], keys: readonly Arg[]): string {
  const words = [name.toUpperCase()]
  let next = 0
  for (const arg of args) {
    if (words.length > MOST_WORDS) break
    const isKey = next < keys.length && String(arg) === String(keys[next])
    if (isKey) next += 1
    words.push(isKey ? String(arg) : '?')
  }
  if (args.length >= words.length) words.push('…')
  const text = words.join(' ')
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS - 1)}…` : text
}
