import { Writable } from 'node:stream'
import { type Level, type Logger, pino } from 'pino'

export interface Line {
  readonly level: Level
  readonly msg: string
  readonly [field: string]: unknown
}

const LEVELS: readonly Level[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal']

/** All that a client tells its log, line by line. */
export class LogLines {
  readonly logger: Logger
  readonly #lines: Line[] = []

  constructor() {
    const stream = new Writable({
      decodeStrings: false,
      write: (text: string, _encoding, done) => {
        this.#lines.push(JSON.parse(text) as Line)
        done()
      }
    })
    this.logger = pino({ level: 'trace', formatters: { level: (level) => ({ level }) } }, stream)
  }

  at(level: Level): readonly Line[] {
    return this.#lines.filter((line) => line.level === level)
  }

  /** Of this level, and what weighs more. */
  from(level: Level): readonly Line[] {
    return this.#lines.filter((line) => LEVELS.indexOf(line.level) >= LEVELS.indexOf(level))
  }
}
