import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

interface Outcome {
  readonly code: number
  readonly stdout: string
  /** stdout and stderr, for a person to read when the code is not 0. */
  readonly output: string
}

/** The tarball that `npm pack` makes of this checkout, installed beside ioredis in an empty folder. */
export class PackageUnderTest {
  static async make(): Promise<PackageUnderTest> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'ioredis-sentinel-package-')))
    const consumer = join(folder, 'consumer')
    await mkdir(consumer)
    const packed = await run('npm', ['pack', '--json', '--pack-destination', folder], ROOT)
    if (packed.code !== 0) throw new Error(`npm pack failed:\n${packed.output}`)
    const tarball = join(folder, `ioredis-sentinel-${await ownVersion()}.tgz`)
    const files = await filesIn(tarball)
    const made = new PackageUnderTest(folder, consumer, tarball, files)
    await made.#install()
    return made
  }

  private constructor(
    private readonly folder: string,
    /** Where the tarball is installed. */
    readonly consumer: string,
    readonly tarball: string,
    /** What the tarball holds, relative to the package's folder. */
    readonly files: readonly string[]
  ) {}

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true })
  }

  /** Runs one of this checkout's own tools (a path in node_modules) in the consumer's folder. */
  tool(path: string, ...args: string[]): Promise<Outcome> {
    return run(process.execPath, [join(ROOT, 'node_modules', path), ...args], this.consumer)
  }

  node(file: string): Promise<Outcome> {
    return run(process.execPath, [file], this.consumer)
  }

  bin(name: string, ...args: string[]): Promise<Outcome> {
    return run(join(this.consumer, 'node_modules/.bin', name), args, this.consumer)
  }

  /** Type-checks `types.ts`, given the name that makes it ESM or CommonJS, against the installed package. */
  async typeCheck(file: string, module: 'nodenext' | 'bundler'): Promise<Outcome> {
    const project = `tsconfig.${file}.${module}.json`
    await cp(join(this.consumer, 'types.ts'), join(this.consumer, file))
    await writeFile(
      join(this.consumer, project),
      JSON.stringify({ compilerOptions: optionsFor(module), files: [file] })
    )
    return this.tool('typescript/bin/tsc', '-p', project)
  }

  async #install(): Promise<void> {
    await cp(join(ROOT, 'test/package/consumer'), this.consumer, { recursive: true })
    await writeFile(join(this.consumer, 'package.json'), JSON.stringify({ name: 'consumer', private: true }))
    const versions = await Promise.all(
      ['ioredis', '@types/node'].map(async (name) => `${name}@${await installed(name)}`)
    )
    const args = ['install', '--prefer-offline', '--no-audit', '--no-fund', this.tarball, ...versions]
    const { code, output } = await run('npm', args, this.consumer)
    if (code !== 0) throw new Error(`npm ${args.join(' ')} failed:\n${output}`)
  }
}

function optionsFor(module: 'nodenext' | 'bundler'): object {
  const strictest = {
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
    types: ['node']
  }
  const target = { target: 'es2022', lib: ['es2022'] }
  return module === 'nodenext'
    ? { ...strictest, ...target, module: 'nodenext' }
    : { ...strictest, ...target, module: 'esnext', moduleResolution: 'bundler' }
}

async function ownVersion(): Promise<string> {
  return versionIn(join(ROOT, 'package.json'))
}

async function installed(name: string): Promise<string> {
  return versionIn(join(ROOT, 'node_modules', name, 'package.json'))
}

async function versionIn(file: string): Promise<string> {
  return (JSON.parse(await readFile(file, 'utf8')) as { version: string }).version
}

async function filesIn(tarball: string): Promise<string[]> {
  const { stdout } = await run('tar', ['-tzf', tarball], ROOT)
  return stdout
    .trim()
    .split('\n')
    .map((path) => path.replace(/^package\//, ''))
    .sort()
}

function run(file: string, args: readonly string[], cwd: string): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(file, args, { cwd, timeout: 120_000, maxBuffer: 2 ** 24 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
      resolve({ code, stdout, output: `${stdout}${stderr}${error?.killed === true ? '\n(killed after 120 s)' : ''}` })
    })
  })
}
