import type { Colors } from 'picocolors/types'
import { coloursFor } from '../../src/cli/colours.js'
import type { ProgramProcess } from './program-process.js'

/** Where the demo tells what is going on: one line that is kept up to date on a terminal, plain lines elsewhere. */
export class Screen {
  readonly #stream: NodeJS.WriteStream
  readonly #colour: Colors
  #status: (() => string) | undefined
  #timer: NodeJS.Timeout | undefined
  #lineShown = false

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream
    this.#colour = coloursFor(stream)
  }

  get colour(): Colors {
    return this.#colour
  }

  /** Keeps showing what `status` says, until `unfollow()`: five times a second on a terminal, else every second. */
  follow(status: () => string): void {
    this.unfollow()
    this.#status = status
    this.#timer = setInterval(() => this.#draw(), this.#stream.isTTY ? 200 : 1000)
  }

  unfollow(): void {
    clearInterval(this.#timer)
    this.#clear()
    this.#status = undefined
  }

  /** A line that stays. */
  say(text: string): void {
    this.#clear()
    this.#stream.write(`${text}\n`)
  }

  #draw(): void {
    const text = this.#status?.()
    if (text === undefined) return
    if (!this.#stream.isTTY) {
      this.#stream.write(`${text}\n`)
      return
    }
    this.#clear()
    this.#stream.write(text.slice(0, Math.max(20, this.#stream.columns - 1)))
    this.#lineShown = true
  }

  #clear(): void {
    if (this.#lineShown) this.#stream.write('\r\u001b[2K')
    this.#lineShown = false
  }
}

const RATE_WINDOW_MS = 1000
/** Records come in batches, so the very last moment is not complete yet. */
const INCOMPLETE_MS = 120

/** One line: what the demo does, who is primary, what flows. */
export function statusLine(phase: string, writer: ProgramProcess, reader: ProgramProcess): string {
  const parts = [
    phase.padEnd(18),
    `primary ${writer.state?.primary ?? 'none'} (${writer.state?.phase ?? 'unknown'})`,
    `${perSecond(writer, 'write')} writes/s`,
    `${perSecond(reader, 'read')} reads/s`,
    `${writer.state?.held ?? 0} held`
  ]
  return parts.join('  ')
}

function perSecond(program: ProgramProcess, kind: 'write' | 'read'): number {
  const until = Date.now() - INCOMPLETE_MS
  const since = until - RATE_WINDOW_MS
  let count = 0
  for (let index = program.records.length - 1; index >= 0; index--) {
    const record = program.records[index]
    if (record === undefined) break
    const settledAt = record.issuedAt + record.latencyMs
    if (settledAt < since) break
    if (record.kind === kind && record.outcome === 'ok' && settledAt < until) count += 1
  }
  return Math.round((count * 1000) / RATE_WINDOW_MS)
}
