import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly lastLine: string
}

/** A small checkout with the real scripts, in which files can be laid, and a PATH that holds only the programs laid there. */
export class Checkout {
  static async make({ packages }: { packages: 'installed' | 'missing' }): Promise<Checkout> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'ioredis-sentinel-checkout-')))
    for (const path of ['scripts', 'package.json', 'package-lock.json']) {
      await cp(join(ROOT, path), join(folder, path), { recursive: true })
    }
    if (packages === 'installed') await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
    await mkdir(join(folder, 'bin'))
    await symlink('/bin/sh', join(folder, 'bin/sh'))
    return new Checkout(folder)
  }

  private constructor(readonly folder: string) {}

  async lay(path: string, content: string): Promise<void> {
    await mkdir(dirname(join(this.folder, path)), { recursive: true })
    await writeFile(join(this.folder, path), content)
  }

  /** A shell script on the PATH. `$BIN` is the folder it lies in. */
  async layProgram(name: string, script: string): Promise<void> {
    const bin = join(this.folder, 'bin')
    await this.lay(`bin/${name}`, `#!/bin/sh\nBIN='${bin}'\n${script}\n`)
    await chmod(join(bin, name), 0o755)
  }

  async read(path: string): Promise<string> {
    return readFile(join(this.folder, path), 'utf8')
  }

  run(...args: string[]): Promise<Finished> {
    return finished(this.#start(args))
  }

  /** Runs a command, and sends it a signal as soon as it has printed these words. */
  runAndInterrupt(words: string, signal: NodeJS.Signals, ...args: string[]): Promise<Finished> {
    const child = this.#start(args)
    child.stdout.on('data', (chunk: string) => {
      if (chunk.includes(words)) child.kill(signal)
    })
    return finished(child)
  }

  #start(args: readonly string[]): ChildProcessByStdio<null, Readable, Readable> {
    const child = spawn(process.execPath, [join(this.folder, 'scripts/run.mjs'), ...args], {
      env: { ...process.env, npm_execpath: '', PATH: join(this.folder, 'bin'), NO_COLOR: '1', FORCE_COLOR: '0' },
      stdio: ['ignore', 'pipe', 'pipe']
    })
    child.stdout.setEncoding('utf8')
    child.stderr.setEncoding('utf8')
    return child
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true })
  }
}

async function finished(child: ChildProcessByStdio<null, Readable, Readable>): Promise<Finished> {
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (text: string) => (stdout += text))
  child.stderr.on('data', (text: string) => (stderr += text))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  return { code, stdout, stderr, lastLine: stdout.trimEnd().split('\n').at(-1) ?? '' }
}
