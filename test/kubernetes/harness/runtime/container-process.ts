import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { closeSync, fchownSync, fstatSync, openSync, writeFileSync } from 'node:fs'
import { type Bind, makeRoot, type RootFiles } from './root-filesystem.js'
import { HeldNamespace } from './held-namespace.js'
import { childrenOf, isStopped, killAllIn, onlyChildOf, untilOwnNamespace, untilRoot } from './process-tree.js'
import { NICE, NICE_ARGUMENTS } from './priority.js'
import type { Sandbox } from './sandbox.js'
import { asUser, type User } from './user.js'

export interface Launch {
  readonly sandbox: Sandbox
  /** A folder of its own, made anew. */
  readonly root: string
  readonly files: RootFiles
  readonly binds: readonly Bind[]
  readonly readOnlyRoot: boolean
  readonly user: User
  readonly env: Readonly<Record<string, string>>
  readonly workingDirectory: string
  readonly command: readonly string[]
  readonly logFile: string
  /** Its standard input and output are pipes for who started it. */
  readonly piped?: boolean
}

export interface ExecResult {
  /** 137 when the time was over. */
  readonly code: number
  readonly output: string
}

const LOOK_FOR_STOPPED_EVERY_MS = 500

const MOUNT = `
mount --all --fstab "$FSTAB_OF_CONTAINER" && {
  [ "$READ_ONLY_ROOT" = no ] || mount -o remount,bind,ro "$ROOT_OF_CONTAINER"
} || exit 126
unset FSTAB_OF_CONTAINER READ_ONLY_ROOT
exec "$@"`

/** One run of a container: a process that is number 1 of its own process namespace, with its own mounts. */
export class ContainerProcess {
  readonly #launch: Launch
  readonly #child: ChildProcess
  readonly #pid: Promise<number>
  #mounts: HeldNamespace | undefined
  readonly exited: Promise<number>
  /** Where what it says begins in its log: runs before it have the same one. */
  readonly logFrom: number

  constructor(launch: Launch) {
    this.#launch = launch
    const { sandbox, root, user, env, command, logFile, workingDirectory, readOnlyRoot, piped = false } = launch
    const fstab = `${root}.fstab`
    writeFileSync(fstab, makeRoot(root, launch.files, launch.binds))
    const log = openSync(logFile, 'a')
    this.logFrom = fstatSync(log).size
    const namespaces = ['--mount', '--ipc', ...(sandbox.sharesProcesses ? [] : ['--pid', '--fork', '--kill-child'])]
    const inside = [...asUser(user), 'env', '-u', 'ROOT_OF_CONTAINER', '-C', workingDirectory, ...command]
    const chroot = ['chroot', root, ...inside]
    this.#child = spawn(
      NICE,
      [
        ...NICE_ARGUMENTS,
        'nsenter',
        ...sandbox.enter,
        '--',
        'unshare',
        ...namespaces,
        '--',
        'sh',
        '-c',
        MOUNT,
        'mount',
        ...chroot
      ],
      {
        stdio: piped ? ['pipe', 'pipe', log] : ['ignore', log, log],
        detached: true,
        env: {
          ...env,
          FSTAB_OF_CONTAINER: fstab,
          ROOT_OF_CONTAINER: root,
          READ_ONLY_ROOT: readOnlyRoot ? 'yes' : 'no'
        }
      }
    )
    // As runc does: the container's user may open it again by /proc.
    fchownSync(log, user.uid, user.gid)
    closeSync(log)
    this.exited = new Promise((resolve) => {
      this.#child.once('error', () => {
        resolve(127)
      })
      this.#child.once('exit', (code, signal) => {
        // Where the container is a process namespace, the kernel has ended the rest of it already.
        if (this.#mounts !== undefined) killAllIn(this.#mounts)
        this.#mounts?.release()
        resolve(code ?? (signal === 'SIGTERM' ? 143 : 137))
      })
    })
    this.#pid = this.#findPid()
    this.#pid.catch(() => undefined)
    void this.#wakeWithChild()
  }

  /** The pipes of a `piped` one. */
  get streams(): Pick<ChildProcess, 'stdin' | 'stdout'> {
    return this.#child
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** To its first process. Without effect when it has ended. */
  async signal(signal: NodeJS.Signals): Promise<void> {
    await this.#signal(signal, (pid) => [pid])
  }

  /** SIGSTOP or SIGCONT to all of its processes. */
  async signalAll(signal: NodeJS.Signals): Promise<void> {
    // nsenter and unshare stop themselves when their child is stopped, and have to be told to go on, too.
    await this.#signal(signal, (pid) => [...tree(this.#child.pid ?? pid)])
  }

  /** `input` is what it reads from standard input. */
  async exec(command: readonly string[], timeoutMs: number, input = ''): Promise<ExecResult> {
    return this.#toEnd(command, timeoutMs, input, this.#launch.user)
  }

  /** As `exec`, by this machine's root: what a node may do to a container. */
  async execAsRoot(command: readonly string[], timeoutMs: number): Promise<ExecResult> {
    return this.#toEnd(command, timeoutMs, '', { uid: 0, gid: 0, groups: [] })
  }

  async #toEnd(command: readonly string[], timeoutMs: number, input: string, user: User): Promise<ExecResult> {
    const child = await this.open(['timeout', '--signal=KILL', String(timeoutMs / 1000), ...command], user)
    if (child === undefined) return { code: 126, output: 'the container has ended' }
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
    return new Promise((resolve) => {
      let output = ''
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => {
          output += text
        })
      }
      child.once('error', ({ message }) => {
        resolve({ code: 127, output: message })
      })
      child.once('exit', (code) => {
        // What it left running may hold the pipes open.
        const result = (): void => {
          resolve({ code: code ?? 137, output })
        }
        const late = setTimeout(result, 200)
        child.once('close', () => {
          clearTimeout(late)
          result()
        })
      })
    })
  }

  /** Runs a command in it whose streams and end are the caller's; undefined when the container has ended. */
  async open(
    command: readonly string[],
    user: User = this.#launch.user
  ): Promise<ChildProcessWithoutNullStreams | undefined> {
    const pid = await this.#pid.catch(() => undefined)
    if (pid === undefined) return undefined
    const { env, workingDirectory } = this.#launch
    const namespaces = ['--target', String(pid), '--mount', '--uts', '--ipc', '--net', '--pid', '--root']
    return spawn(
      NICE,
      [...NICE_ARGUMENTS, 'nsenter', ...namespaces, `--wdns=${workingDirectory}`, '--', ...asUser(user), ...command],
      {
        stdio: ['pipe', 'pipe', 'pipe'],
        detached: true,
        env
      }
    )
  }

  async #findPid(): Promise<number> {
    const unshare = await onlyChildOf(this.#child.pid ?? 0)
    const { sharesProcesses } = this.#launch.sandbox
    const pid = sharesProcesses ? unshare : await onlyChildOf(unshare)
    if (sharesProcesses) await this.#holdMounts(pid)
    // Commands may be run in it from now on, and not before: they would have this machine's own root.
    await untilRoot(pid, this.#launch.root)
    return pid
  }

  async #holdMounts(pid: number): Promise<void> {
    await untilOwnNamespace(pid, 'mnt')
    if (this.running) this.#mounts = new HeldNamespace(pid, 'mnt')
  }

  /**
   * nsenter and unshare stop themselves when their child is stopped. When that is made to go on by somebody in the container, nobody
   * tells them, and its end would never be heard of.
   */
  async #wakeWithChild(): Promise<void> {
    const pid = await this.#pid.catch(() => undefined)
    const above = this.#child.pid
    if (pid === undefined || above === undefined) return
    let seen = 0
    const timer = setInterval(() => {
      // Twice: all of them may be about to be stopped.
      seen = isStopped(above) && !isStopped(pid) ? seen + 1 : 0
      if (seen > 1) process.kill(above, 'SIGCONT')
    }, LOOK_FOR_STOPPED_EVERY_MS)
    await this.exited
    clearInterval(timer)
  }

  async #signal(signal: NodeJS.Signals, of: (pid: number) => readonly number[]): Promise<void> {
    if (!this.running) return
    const pid = await this.#pid.catch(() => undefined)
    if (pid === undefined) return
    for (const each of of(pid)) {
      try {
        process.kill(each, signal)
      } catch {
        // it ended by itself
      }
    }
  }
}

function tree(pid: number): readonly number[] {
  return [pid, ...childrenOf(pid).flatMap(tree)]
}
