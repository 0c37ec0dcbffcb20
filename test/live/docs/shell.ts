import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { COMMAND_LINE } from '../support/command-line.js'

const PATH = process.env['PATH'] ?? ''

/** What the reader types `npx ioredis-sentinel` at. */
const NPX = `[ "$1" = ioredis-sentinel ] || PATH='${PATH}' exec npx "$@"
shift
exec '${process.execPath}' '${COMMAND_LINE}' "$@"`

/** What a vitest sets for itself, which one in it would take, and what names a group. */
const NOT_INHERITED = /^(VITEST|NODE_ENV$|TEST$|CI$|REDIS_)/

/** A folder in which a reader types commands: `npx ioredis-sentinel` is the command line of this checkout there. */
export class Desk {
  readonly folder = mkdtempSync(join(tmpdir(), 'ioredis-sentinel-desk-'))
  readonly env: NodeJS.ProcessEnv

  constructor() {
    const inherited = Object.entries(process.env).filter(([name]) => !NOT_INHERITED.test(name))
    const bin = join(this.folder, 'bin')
    mkdirSync(bin)
    this.env = { ...Object.fromEntries(inherited), PATH: `${bin}:${PATH}`, NO_COLOR: '1' }
    this.lay('npx', NPX)
  }

  /** A program of this name for the commands, as a script. */
  lay(name: string, script: string): void {
    writeFileSync(join(this.folder, 'bin', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  }

  /** In a folder below this one, if it is given. */
  type(text: string, folder = ''): Typed {
    return new Typed(text, join(this.folder, folder), this.env)
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true })
  }
}

/** What was typed, while it runs. */
export class Typed {
  stdout = ''
  stderr = ''
  readonly process: ChildProcess
  readonly #closed: Promise<unknown>

  constructor(text: string, cwd: string, env: NodeJS.ProcessEnv) {
    // As from an interactive shell: a job of a group of its own, of which the shell is no part.
    const job = text.includes('\n') ? text : `exec ${text}`
    this.process = spawn('sh', ['-c', job], { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    this.process.stdout?.setEncoding('utf8').on('data', (words: string) => (this.stdout += words))
    this.process.stderr?.setEncoding('utf8').on('data', (words: string) => (this.stderr += words))
    this.#closed = once(this.process, 'close')
  }

  async ended(): Promise<number | null> {
    await this.#closed
    return this.process.exitCode
  }

  /** Ctrl-C, and its end. */
  interrupt(): Promise<number | null> {
    this.#signal('SIGINT')
    return this.ended()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal('SIGKILL')
    await this.#closed
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid, exitCode, signalCode } = this.process
    if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, signal)
  }
}
