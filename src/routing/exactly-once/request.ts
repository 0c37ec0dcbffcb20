import type { Arg } from '../arg.js'
import { integerOf } from '../arg.js'
import { MOST_WORDS } from './wrapper.js'
import type { WrapperKind } from './wrapper.js'

/** One of the user's commands that is to be executed. */
export interface Step {
  readonly name: string
  readonly args: readonly Arg[]
  /** The text of the script that it calls, and its SHA1. */
  readonly script?: { readonly source: string; readonly sha: string }
}

/** A wrapper, and what it is given behind its own arguments. */
export interface Request {
  readonly kind: WrapperKind
  readonly sources: readonly string[]
  readonly words: readonly Arg[]
}

/** One command or script: its reply is the wrapper's. */
export function requestOf(step: Step): Request {
  const { name, args, script } = step
  if (script === undefined) return { kind: 'command', sources: [], words: [name, ...args] }
  return { kind: 'script', sources: [script.source], words: scriptWords(args, 1, script.sha) }
}

/** A transaction: the wrapper's reply is the list of theirs, as EXEC's is. */
export function batchRequestOf(steps: readonly Step[]): Request {
  const sources = [...new Set(steps.flatMap(({ script }) => script?.source ?? []))]
  const words = steps.flatMap(({ name, args, script }) =>
    script === undefined
      ? ['0', String(args.length + 1), name, ...args]
      : scriptWords(args, sources.indexOf(script.source) + 1, script.sha)
  )
  return { kind: 'batch', sources, words }
}

/** Why the words of a command are too many for a script to pass them on; undefined when they are not. */
export function tooManyWords({ args, script }: Step): string | undefined {
  const count = args.length + 1
  if (script !== undefined || count <= MOST_WORDS) return undefined
  return `it has ${count} words, and a script passes on at most ${MOST_WORDS}: divide it`
}

function scriptWords(args: readonly Arg[], which: number, sha: string): Arg[] {
  const rest = args.slice(2)
  const keys = Math.min(Math.max(0, integerOf(args[1]) || 0), rest.length)
  return [String(which), String(keys), String(rest.length - keys), sha, ...rest]
}
