import type { Step } from './request.js'
import type { Resp3Forms } from './resp3.js'
import { asResp3 } from './resp3.js'
import { NO_REPLY, OTHER_CALL } from './wrapper.js'

const INTEGER_COMMANDS: ReadonlySet<string> = new Set(['incr', 'incrby', 'decr', 'decrby', 'hincrby'])

/** How the client's options have replies decoded. */
export interface ReplyForms extends Resp3Forms {
  /** ioredis's stringNumbers. */
  readonly stringNumbers: boolean
}

/** What the wrapper gave for a step, as the decoder would have given the command's own reply. */
export function replyOf(step: Step, reply: unknown, forms: ReplyForms): unknown {
  if (step.script !== undefined) return reply
  return asResp3(step.name, step.args, exactIntegers(step, reply, forms.stringNumbers), forms)
}

/** The wrapper gives whole numbers that Lua cannot hold as text; here they become what ioredis makes of an integer. */
function exactIntegers({ name }: Step, reply: unknown, asText: boolean): unknown {
  const lower = name.toLowerCase()
  const exact = (value: unknown): unknown => {
    if (!Buffer.isBuffer(value)) return value
    return asText ? value.toString() : decoded(value.toString())
  }
  if (INTEGER_COMMANDS.has(lower)) return exact(reply)
  return lower === 'bitfield' && Array.isArray(reply) ? reply.map(exact) : reply
}

const ZERO = 48

/** Digit by digit, which beyond 2^53 rounds as ioredis's decoder does. */
function decoded(text: string): number {
  let number = 0
  for (const digit of text.replace('-', '')) number = number * 10 + digit.charCodeAt(0) - ZERO
  return text.startsWith('-') ? -number : number
}

/** What a server says of a command inside a script, in the words that it has for it outside. */
export function plainErrorText({ name, script }: Step, message: string): string {
  if (script !== undefined) return message
  if (/^ERR Wrong number of args calling (?:Redis )?command from script/.test(message))
    return `ERR wrong number of arguments for '${name.toLowerCase()}' command`
  return message
}

/** The wrapper's own refusals, which are not the command's: `other-call` the token is taken, `no-reply` executed but not told. */
export function ownError(message: string): 'other-call' | 'no-reply' | undefined {
  if (message.startsWith(OTHER_CALL)) return 'other-call'
  return message.startsWith(NO_REPLY) ? 'no-reply' : undefined
}
