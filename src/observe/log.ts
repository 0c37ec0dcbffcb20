import { pino } from 'pino'
import type { Logger } from 'pino'

let silent: Logger | undefined

/** A child of the given logger that carries the group's name; without one, a logger that says nothing. */
export function groupLogger(logger: Logger | undefined, group: string): Logger {
  if (logger !== undefined) return logger.child({ module: 'ioredis-sentinel', group })
  silent ??= pino({ level: 'silent' })
  return silent
}
