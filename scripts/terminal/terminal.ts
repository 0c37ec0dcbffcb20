import xterm from '@xterm/headless'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { spawn } from 'node:child_process'

const COLUMNS = 132
const ROWS = 50
const LONGEST_MS = 60_000

/** A program on a terminal of its own, as a person would have it: it sees a terminal, and what it draws is read off the screen. */
export class Terminal {
  readonly #program: ChildProcessWithoutNullStreams
  readonly #terminal = new xterm.Terminal({ cols: COLUMNS, rows: ROWS, scrollback: 1_000, allowProposedApi: true })
  readonly #ended: Promise<number>
  readonly #line: string
  #drawn: Promise<void> = Promise.resolve()
  #coloured = false

  /** `line`: as a shell reads it. Needs `script` of util-linux, which every Linux has. */
  constructor(line: string, env: NodeJS.ProcessEnv) {
    this.#line = line
    const sized = `stty cols ${COLUMNS} rows ${ROWS}; exec ${line}`
    this.#program = spawn('script', ['--quiet', '--flush', '--return', '--command', sized, '/dev/null'], {
      env: { ...env, TERM: 'xterm-256color' }
    })
    this.#program.stdout.on('data', (chunk: Buffer) => {
      this.#coloured ||= /\u001b\[[0-9;]*[1-9][0-9;]*m/.test(String(chunk))
      this.#drawn = new Promise((resolve) => {
        this.#terminal.write(chunk, resolve)
      })
    })
    this.#ended = new Promise((resolve, reject) => {
      this.#program.on('error', reject)
      this.#program.on('close', (code) => {
        resolve(code ?? -1)
      })
    })
  }

  /** Something was drawn in colour. */
  get coloured(): boolean {
    return this.#coloured
  }

  /** All that stands on the screen and above it. */
  async text(): Promise<string> {
    await this.#drawn
    const { active } = this.#terminal.buffer
    const lines = Array.from({ length: active.length }, (_, row) => active.getLine(row)?.translateToString(true) ?? '')
    return lines.join('\n').trimEnd()
  }

  /** Resolves when this is on the screen, with all that is. */
  async shows(what: RegExp): Promise<string> {
    const until = performance.now() + LONGEST_MS
    for (;;) {
      const text = await this.text()
      if (what.test(text)) return text
      if (this.#program.exitCode !== null) throw new Error(`"${this.#line}" ended without ${String(what)}:\n${text}`)
      if (performance.now() > until) throw new Error(`"${this.#line}" does not show ${String(what)}:\n${text}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  /** Typed by the person. */
  type(text: string): void {
    this.#program.stdin.write(text)
  }

  /** Resolves with its exit code, when it has ended. */
  async ended(): Promise<number> {
    const code = await this.#ended
    await this.#drawn
    return code
  }

  /** Ctrl-C, and its end. */
  async interrupt(): Promise<number> {
    if (this.#program.exitCode === null) this.type('\u0003')
    return this.ended()
  }

  /** Its end, whatever it is at: `script` passes the signal on to what runs on the terminal. */
  async end(): Promise<void> {
    this.#program.kill('SIGTERM')
    await this.#ended
  }
}
