import type { Logger } from 'pino'
import { ConfigurationError } from '../errors.js'
import { suggestion } from '../nearest.js'
import type { ReadFrom } from '../routing/read-policy.js'
import { READ_POLICIES } from '../routing/read-policy.js'
import { SUBSCRIBE_POLICIES } from '../routing/subscribe-policy.js'
import { LONGEST_TIMER_MS } from './longest-timer.js'

/** Options by name, as given. Each function here gives one of them checked, or throws ConfigurationError. */
export type Given = Readonly<Record<string, unknown>>

export function nameOption(value: unknown): string {
  if (typeof value === 'string' && value !== '' && !/\s/.test(value)) return value
  throw new ConfigurationError(
    `option "name" is ${show(value)}; it is the group's name in "sentinel monitor <name> …", for example "mymaster"`
  )
}

export function textOption(o: Given, name: string): string | undefined {
  const value = o[name]
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string') return value
  throw new ConfigurationError(`option "${name}" is of type ${typeof value}; allowed is a string`)
}

export function duration(o: Given, name: string, least = 0, more = ''): number | undefined {
  const value = o[name]
  if (value === undefined) return undefined
  if (typeof value === 'number' && value >= least && value <= LONGEST_TIMER_MS) return value
  throw new ConfigurationError(
    `option "${name}" is ${show(value)}; allowed is a number of milliseconds from ${least} to ${LONGEST_TIMER_MS}${more}`
  )
}

export function count(o: Given, name: string): number | undefined {
  const value = o[name]
  if (value === undefined) return undefined
  if (value === Infinity || (typeof value === 'number' && Number.isInteger(value) && value >= 0)) return value
  throw new ConfigurationError(`option "${name}" is ${show(value)}; allowed is a whole number from 0, or Infinity`)
}

export function amount(o: Given, name: string, most: number): number | undefined {
  const value = o[name]
  if (value === undefined) return undefined
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most) return value
  throw new ConfigurationError(`option "${name}" is ${show(value)}; allowed is a whole number from 1 to ${most}`)
}

export function flag(o: Given, name: string): boolean | undefined {
  const value = o[name]
  if (value === undefined || typeof value === 'boolean') return value
  throw new ConfigurationError(`option "${name}" is ${show(value)}; allowed: true, false`)
}

/** When a read may be asked of a second node, in milliseconds after it was written to the first. */
export interface HedgeLimits {
  readonly minMs: number
  readonly maxMs: number
}

/** Undefined when it is switched off. */
export function hedgeLimits(o: Given): HedgeLimits | undefined {
  const minMs = duration(o, 'hedgeMinMs', 1) ?? 10
  const maxMs = duration(o, 'hedgeMaxMs', 1) ?? Math.max(50, minMs)
  if (minMs > maxMs)
    throw new ConfigurationError(`option "hedgeMinMs" is ${minMs}; allowed is at most hedgeMaxMs, which is ${maxMs}`)
  return flag(o, 'hedge') === false ? undefined : { minMs, maxMs }
}

const CHOICES = {
  consistency: ['readYourWrites', 'eventual'],
  promotion: ['fast', 'confirmed', 'strict'],
  holdWrites: ['odown', 'failover', 'never'],
  subscribeTo: SUBSCRIBE_POLICIES
} as const

export function choice<Name extends keyof typeof CHOICES>(
  o: Given,
  name: Name
): (typeof CHOICES)[Name][number] | undefined {
  const value = o[name]
  if (value === undefined) return undefined
  const found = CHOICES[name].find((allowed) => allowed === value)
  if (found === undefined) throw unknownChoice(`option "${name}"`, value, CHOICES[name])
  return found
}

/** The policy as given, when it is one. Throws ConfigurationError naming `where` otherwise. */
export function checkReadFrom(where: string, value: unknown): ReadFrom {
  if (typeof value === 'function') return value as ReadFrom
  const policy = READ_POLICIES.find((name) => name === value)
  if (policy !== undefined) return policy
  throw unknownChoice(where, value, READ_POLICIES, ', or a function (topology, command) => candidates')
}

function unknownChoice(where: string, value: unknown, allowed: readonly string[], more = ''): ConfigurationError {
  const meant = typeof value === 'string' ? suggestion(value, allowed) : ''
  return new ConfigurationError(`${where} is ${show(value)}; allowed: ${allowed.join(', ')}${more}${meant}`)
}

export function checkLogger(value: unknown): Logger | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof (value as Partial<Logger>).child === 'function') return value as Logger
  throw new ConfigurationError(`option "logger" is ${show(value)}; allowed is a pino logger, which has child()`)
}

/** A wrong value in words. What may hold a password is not repeated. */
export function show(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return value.length === 0 ? '[]' : 'an array'
  if (typeof value === 'object' && value !== null) return 'an object'
  if (typeof value !== 'string') return String(value)
  if (value.includes('@')) return 'a string with an "@"'
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)
}
