import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const CONSUMER = join(ROOT, 'test/package/consumer')

export interface Outcome {
  readonly code: number
  readonly stdout: string
  /** stdout and stderr, for a person to read when the code is not 0. */
  readonly output: string
}

/** The tarball that `npm pack` makes of this checkout. */
export class PackageUnderTest {
  static async make(): Promise<PackageUnderTest> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'ioredis-sentinel-package-')))
    const packed = await run('npm', ['pack', '--json', '--pack-destination', folder], ROOT)
    if (packed.code !== 0) throw new Error(`npm pack failed:\n${packed.output}`)
    const tarball = join(folder, `ioredis-sentinel-${await versionIn(join(ROOT, 'package.json'))}.tgz`)
    return new PackageUnderTest(folder, tarball, await filesIn(tarball))
  }

  private constructor(
    private readonly folder: string,
    readonly tarball: string,
    /** What the tarball holds, relative to the package's folder. */
    readonly files: readonly string[]
  ) {}

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true })
  }

  /** An empty project, into which the tarball and these packages are installed, ioredis always, in the versions of this checkout. */
  async project(name: string, packageJson: object, ...packages: readonly string[]): Promise<Project> {
    const folder = join(this.folder, name)
    await mkdir(folder)
    await writeFile(join(folder, 'package.json'), JSON.stringify({ name, private: true, ...packageJson }))
    const versions = await Promise.all(
      ['ioredis', ...packages].map(
        async (one) => `${one}@${await versionIn(join(ROOT, 'node_modules', one, 'package.json'))}`
      )
    )
    const args = ['install', '--prefer-offline', '--no-audit', '--no-fund', this.tarball, ...versions]
    const { code, output } = await run('npm', args, folder)
    if (code !== 0) throw new Error(`npm ${args.join(' ')} failed:\n${output}`)
    return new Project(folder)
  }
}

export class Project {
  constructor(private readonly folder: string) {}

  /** Puts one of test/package/consumer here, under another name if one is given. */
  async copy(file: string, as = file): Promise<void> {
    await cp(join(CONSUMER, file), join(this.folder, as))
  }

  async write(file: string, text: string): Promise<void> {
    await writeFile(join(this.folder, file), text)
  }

  path(file: string): string {
    return join(this.folder, file)
  }

  node(file: string): Promise<Outcome> {
    return run(process.execPath, [file], this.folder)
  }

  /** Runs a program that the packages have brought. */
  bin(name: string, ...args: string[]): Promise<Outcome> {
    return run(join(this.folder, 'node_modules/.bin', name), args, this.folder)
  }

  /** Type-checks these files by the strictest options, the packages' own declarations included. */
  async typeCheck(compilerOptions: object, files: readonly string[]): Promise<Outcome> {
    const strictest = {
      strict: true,
      exactOptionalPropertyTypes: true,
      isolatedModules: true,
      skipLibCheck: false,
      noEmit: true,
      types: ['node'],
      target: 'es2022',
      lib: ['es2022']
    }
    await this.write('tsconfig.json', JSON.stringify({ compilerOptions: { ...strictest, ...compilerOptions }, files }))
    return tool('typescript/bin/tsc', '-p', this.folder)
  }
}

/** Runs one of this checkout's own tools (a path in node_modules). */
export function tool(path: string, ...args: readonly string[]): Promise<Outcome> {
  return run(process.execPath, [join(ROOT, 'node_modules', path), ...args], ROOT)
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
    execFile(file, args, { cwd, timeout: 300_000, maxBuffer: 2 ** 24 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
      resolve({ code, stdout, output: `${stdout}${stderr}${error?.killed === true ? '\n(killed after 300 s)' : ''}` })
    })
  })
}
