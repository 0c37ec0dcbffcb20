import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { NotToBeHad } from './cache.js'

/** The programs that tests start by name. Valkey's bear Redis's names too, which the testkit looks for first. */
const PROGRAMS = ['server', 'sentinel', 'cli'] as const

/**
 * A program of an unpacked system, with that system's loader and libraries. `exec` keeps the process: who has its id signals the
 * server itself, and nothing stays between.
 */
export function wrapperText(loader: string, libraries: string, program: string): string {
  const words = [loader, '--library-path', libraries, program].map(quoted)
  return `#!/bin/sh\nexec ${words.join(' ')} "$@"\n`
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}

/** Writes `redis-server` and the like into `folder`; they start the programs `<prefix>-server` and so on of the system at `root`. */
export function writeWrappers(folder: string, root: string, prefix: string): void {
  const { loader, libraries } = libraryFolderOf(root)
  mkdirSync(folder, { recursive: true })
  for (const name of PROGRAMS) {
    const text = wrapperText(loader, libraries, join(root, 'usr/bin', `${prefix}-${name}`))
    writeFileSync(join(folder, `redis-${name}`), text, { mode: 0o755 })
  }
}

/** Debian keeps both below a name like `x86_64-linux-gnu`. */
function libraryFolderOf(root: string): { readonly loader: string; readonly libraries: string } {
  for (const name of readdirSync(join(root, 'usr/lib'))) {
    if (!name.includes('-linux-gnu')) continue
    const libraries = join(root, 'usr/lib', name)
    const loader = readdirSync(libraries).find((file) => /^ld-linux.*\.so\.\d+$/.test(file))
    if (loader !== undefined) return { loader: join(libraries, loader), libraries }
  }
  throw new NotToBeHad(`there is no dynamic loader below ${join(root, 'usr/lib')}`)
}
