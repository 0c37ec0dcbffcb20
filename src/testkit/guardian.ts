import { type ChildProcess, spawn } from 'node:child_process'
import { Socket } from 'node:net'

/** A command that undoes something outside the topology's own folder and processes. */
export interface UndoCommand {
  readonly command: string
  readonly args: readonly string[]
}

/** All that must go when the process that started the topology goes. */
export interface Belongings {
  readonly pids: readonly number[]
  readonly directory: string
  readonly undo: readonly UndoCommand[]
}

// Kept as text so that it survives bundling: `node -e` needs no file beside dist/testkit.js or dist/testkit.cjs.
// /proc/<pid>/cwd finds also a server whose pid did not get here before the end.
const SOURCE = `
'use strict'
const fs = require('node:fs')
const { spawnSync } = require('node:child_process')
process.title = 'ioredis-sentinel testkit guardian'
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})
let pending = ''
let belongings
const isZombie = (pid) => { try { return /\\) Z /.test(fs.readFileSync('/proc/' + pid + '/stat', 'utf8')) } catch { return false } }
const kill = (pid) => { try { process.kill(pid, 'SIGKILL'); return !isZombie(pid) } catch { return false } }
const inside = () => {
  try {
    return fs.readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)).filter((name) => {
      try { return fs.readlinkSync('/proc/' + name + '/cwd').startsWith(belongings.directory) } catch { return false }
    }).map(Number)
  } catch { return [] }
}
const attempt = (left) => {
  const alive = new Set([...belongings.pids, ...inside()].filter(kill))
  if (alive.size > 0 && left > 0) return setTimeout(attempt, 20, left - 1)
  for (const { command, args } of belongings.undo) {
    for (let tries = 0; tries < 5 && spawnSync(command, args).status !== 0; tries += 1);
  }
  try { fs.rmSync(belongings.directory, { recursive: true, force: true, maxRetries: 5 }) } catch {}
  process.exit(0)
}
process.stdin.setEncoding('utf8')
process.stdin.on('data', (text) => {
  const lines = (pending + text).split('\\n')
  pending = lines.pop()
  for (const line of lines) belongings = JSON.parse(line)
})
process.stdin.on('error', () => {})
process.stdin.on('close', () => { if (belongings) attempt(100); else process.exit(0) })
`

/**
 * A small process of its own that outlives this one by a moment: when the pipe to it closes, however this process ended, it
 * kills the servers, runs the undo commands and removes the folder.
 */
export class Guardian {
  readonly #child: ChildProcess
  #belongings: Belongings

  constructor(directory: string) {
    this.#belongings = { pids: [], directory, undo: [] }
    this.#child = spawn(process.execPath, ['-e', SOURCE], {
      stdio: ['pipe', 'ignore', 'ignore'],
      // A process group of its own, so that Ctrl-C in the terminal does not reach it.
      detached: true,
      cwd: '/',
      env: { ...process.env, NODE_OPTIONS: '' }
    })
    this.#child.on('error', () => undefined)
    this.#child.stdin?.on('error', () => undefined)
    this.#child.unref()
    if (this.#child.stdin instanceof Socket) this.#child.stdin.unref()
    this.#tell()
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  addPid(pid: number): void {
    this.#set({ pids: [...this.#belongings.pids, pid] })
  }

  removePid(pid: number): void {
    this.#set({ pids: this.#belongings.pids.filter((other) => other !== pid) })
  }

  /** To be called before the thing is done that the command undoes. */
  addUndo(undo: UndoCommand): void {
    this.#set({ undo: [...this.#belongings.undo, undo] })
  }

  /** Ends it without its doing anything: all has been cleaned up here. */
  async release(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.ref()
    this.#child.kill('SIGKILL')
    await gone
  }

  #set(change: Partial<Belongings>): void {
    this.#belongings = { ...this.#belongings, ...change }
    this.#tell()
  }

  #tell(): void {
    this.#child.stdin?.write(`${JSON.stringify(this.#belongings)}\n`)
  }
}
