import type { Arg } from '../arg.js'
import { textOf } from '../arg.js'
import { blockingMs } from '../blocking.js'
import { flagsOf, fullNameOf, intentOf } from '../commands.js'
import { isIdempotent } from '../idempotent.js'
import { mayWrite } from '../may-write.js'

/**
 * How a call is made once. `plain`: as it is, since it has no effect that could be doubled. `command` and `script`: inside
 * the wrapper. `unknown-script`: of its text only the SHA1 is known here. `refused`: it cannot be done, and why.
 */
export type Fitness =
  | { readonly kind: 'plain' }
  | { readonly kind: 'command' }
  | { readonly kind: 'script'; readonly source: string }
  | { readonly kind: 'unknown-script' }
  | { readonly kind: 'refused'; readonly reason: string }

const PLAIN: Fitness = { kind: 'plain' }
const UNKNOWN_SCRIPT: Fitness = { kind: 'unknown-script' }
const COMMAND: Fitness = { kind: 'command' }

const refused = (reason: string): Fitness => ({ kind: 'refused', reason })

const IN_PIECES: ReadonlySet<string> = new Set(['multi', 'exec', 'discard', 'watch', 'unwatch'])

/** They write no key, and have an effect that a second execution doubles. */
const MESSAGES: ReadonlySet<string> = new Set(['publish', 'spublish'])

const NO_WRITES = /^#!lua\b.*\bflags=\S*\bno-writes\b/
/** It would leave the token in another database. Lua's own select() stands without quotes. */
const SELECTS = /(['"])select\1/i

/** `sourceOf`: the text of a script that this client knows, by its SHA1. */
export function fitnessOf(name: string, args: readonly Arg[], sourceOf: (sha: string) => string | undefined): Fitness {
  const full = fullNameOf(name, args)
  if (full === 'eval') return scriptFitness(textOf(args[0]))
  if (full === 'evalsha') {
    const source = sourceOf(textOf(args[0]).toLowerCase())
    return source === undefined ? UNKNOWN_SCRIPT : scriptFitness(source)
  }
  if (full === 'script|load') return PLAIN
  if (full === 'fcall')
    return refused('a server calls no function from a script: write it as a script, which can be made once')
  if (IN_PIECES.has(full))
    return refused('a transaction is made once as a whole, without watched keys: use multi() and its exec()')
  if (flagsOf(full).has('readonly') || intentOf(name, args) !== 'write') return PLAIN
  if (blockingMs(name, args) !== undefined)
    return refused('a script cannot wait: use the form that does not block, or call it without exactlyOnce')
  if (flagsOf(full).has('noscript')) {
    return isIdempotent(name, args) ? PLAIN : refused('a server does not execute it inside a script')
  }
  return mayWrite(name, args) || MESSAGES.has(full) ? COMMAND : PLAIN
}

/** The same inside of multi(), where what only reads is executed with the rest. */
export function fitnessInBatch(
  name: string,
  args: readonly Arg[],
  sourceOf: (sha: string) => string | undefined
): Fitness {
  const fitness = fitnessOf(name, args, sourceOf)
  if (fitness.kind !== 'plain') return fitness
  const full = fullNameOf(name, args)
  if (/^eval(sha)?_ro$/.test(full) || flagsOf(full).has('noscript') || intentOf(name, args) === 'session')
    return refused('a server does not execute it inside a script')
  return COMMAND
}

function scriptFitness(source: string): Fitness {
  if (NO_WRITES.test(source)) return PLAIN
  if (SELECTS.test(source)) return refused('its text names SELECT: the token would be left in another database')
  return { kind: 'script', source }
}
