import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'

export interface Ran {
  /** What it wrote to its standard output and its standard error, in their order. */
  readonly printed: string
  /** The commands that failed, with their exit codes; not those whose failure the block itself looks at. */
  readonly failed: readonly string[]
}

/** A command that fails and is no condition would else go unseen in the middle of a block. */
const BEGIN = `exec 2>&1
failed() { printf '%s %s: %s\\n' "$MARK" "$1" "$2"; }
set -E; trap 'failed $? "$BASH_COMMAND"' ERR
`

/** One bash that runs one block after the other, so that what a block defines is there for the next. */
export class Session {
  readonly #mark = `@${randomUUID()}`
  readonly #shell: ChildProcessWithoutNullStreams
  #printed = ''
  #runs = 0
  #onPrinted: () => void = () => undefined

  constructor(env: NodeJS.ProcessEnv, cwd: string) {
    // In a process group of its own, so that what it started can be ended with it. A loop that waits for something would go on for ever
    // when this process is killed.
    this.#shell = spawn('setpriv', ['--pdeathsig', 'KILL', 'bash', '--noprofile', '--norc'], {
      env: { ...env, MARK: this.#mark },
      cwd,
      detached: true
    })
    this.#shell.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#printed += text
      this.#onPrinted()
    })
    this.#shell.stdin.on('error', () => undefined)
    this.#shell.stdin.write(BEGIN)
  }

  /** @throws Error with what it printed, when it does not end within the time, or bash itself has ended. */
  async run(commands: string, timeoutMs: number): Promise<Ran> {
    this.#printed = ''
    this.#runs += 1
    const end = `${this.#mark} end ${this.#runs}\n`
    // In braces it is read whole before its first command runs, and has no part in what bash reads.
    this.#shell.stdin.write(`{\n${commands}\n} </dev/null\nprintf '%s end %s\\n' "$MARK" ${this.#runs}\n`)
    await new Promise<void>((resolve, reject) => {
      const over = (problem?: string): void => {
        clearTimeout(timer)
        this.#shell.off('exit', ended)
        if (problem === undefined) resolve()
        else reject(new Error(`${problem}; it printed:\n${this.#printed}`))
      }
      const ended = (): void => {
        // What it said last may come later, and what it left running may hold the pipe open.
        const late = setTimeout(over, 200, 'the shell has ended')
        this.#shell.once('close', () => {
          clearTimeout(late)
          over('the shell has ended')
        })
      }
      const timer = setTimeout(() => {
        over(`the block does not end within ${timeoutMs / 1000} s`)
      }, timeoutMs)
      this.#shell.once('exit', ended)
      this.#onPrinted = () => {
        if (this.#printed.endsWith(end)) over()
      }
    })
    const lines = this.#printed.slice(0, -end.length).split('\n')
    const failed = lines.filter((line) => line.startsWith(this.#mark)).map((line) => line.slice(this.#mark.length + 1))
    return { printed: lines.filter((line) => !line.startsWith(this.#mark)).join('\n'), failed }
  }

  /** Ends it, and what it left running. */
  end(): void {
    const { pid } = this.#shell
    if (pid === undefined || this.#shell.exitCode !== null || this.#shell.signalCode !== null) return
    process.kill(-pid, 'SIGKILL')
  }
}
