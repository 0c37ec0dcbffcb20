import { AccessError } from 'ioredis-sentinel'
import type { SentinelRedis } from 'ioredis-sentinel'
import { Writable } from 'node:stream'
import { inspect } from 'node:util'
import { pino } from 'pino'
import type { Logger } from 'pino'

/** Keeps all that a client says: to its log, at every level, by its events, and by its errors. */
export class Overheard {
  /** For the client's options. */
  readonly logger: Logger
  readonly lines: string[] = []
  readonly events: unknown[] = []

  constructor() {
    const stream = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        this.lines.push(...String(chunk).trim().split('\n'))
        done()
      }
    })
    this.logger = pino({ level: 'trace' }, stream)
  }

  /** From now on, every event. */
  listen(client: SentinelRedis): void {
    const emit = client.emit.bind(client)
    client.on('error', () => undefined)
    client.emit = (name: string | symbol, ...args: unknown[]): boolean => {
      this.events.push([name, ...args])
      return emit(name as string, ...args)
    }
  }

  /** The errors of 'error' events. */
  get errors(): Error[] {
    return this.events.flatMap((event) => {
      const [name, error] = event as [string, unknown]
      return name === 'error' && error instanceof Error ? [error] : []
    })
  }

  /** The warnings in the log. */
  get warnings(): { readonly msg: string; readonly err?: { readonly message: string; readonly reason?: string } }[] {
    return this.lines.map((line) => JSON.parse(line) as never).filter(({ level }) => level === 40)
  }

  /** All of it as text, in every form in which somebody may print it. */
  get text(): string {
    return [...this.lines, ...this.events.map(inEveryForm)].join('\n')
  }
}

/** One value as util.inspect, JSON and console.log would show it, with its message, stack and causes. */
export function inEveryForm(value: unknown): string {
  const deep = { depth: Infinity, maxArrayLength: Infinity, maxStringLength: Infinity } as const
  const forms = [inspect(value, deep), inspect(value, { ...deep, showHidden: true }), String(value)]
  if (value instanceof Error) forms.push(value.message, value.stack ?? '')
  try {
    forms.push(JSON.stringify(value) ?? '')
  } catch {
    // What refers to itself has no JSON.
  }
  return forms.join('\n')
}

/** The AccessErrors in an error: itself, its cause, and the causes of each sentinel. */
export function accessErrorsIn(error: unknown): AccessError[] {
  if (error instanceof AccessError) return [error]
  if (!(error instanceof Error)) return []
  const { cause, causes = {} } = error as Error & { causes?: Record<string, unknown> }
  return [cause, ...Object.values(causes)].flatMap(accessErrorsIn)
}
