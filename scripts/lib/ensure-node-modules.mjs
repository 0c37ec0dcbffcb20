import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { ROOT } from './root.mjs'
import { runProgram } from './run-program.mjs'
import { CannotGoOn, say } from './say.mjs'

/** Installs the npm packages when there are none, or others than package-lock.json names. */
export async function ensureNodeModules() {
  const wanted = readJson('package-lock.json')
  const installed = readJson('node_modules/.package-lock.json')
  if (wanted !== undefined && installed !== undefined && sameInstall(wanted.packages, installed.packages)) return
  say(`installing npm packages (${installed === undefined ? 'none there' : 'package-lock.json changed'}) …`)
  const code = await runNpm(['ci', '--include=dev', '--no-audit', '--no-fund'])
  if (code !== 0)
    throw new CannotGoOn(`npm packages were not installed: npm ci ended with exit code ${code}, see above`)
}

/**
 * Whether what npm noted in node_modules is what the lock file asks for. A package for another system (optional) may be
 * absent; the entry of the checkout itself ('') is only in the lock file.
 */
export function sameInstall(wanted, installed) {
  const present = Object.entries(installed)
  return (
    present.every(([path, entry]) => wanted[path]?.version === entry.version) &&
    Object.entries(wanted).every(([path, entry]) => path === '' || path in installed || entry.optional === true)
  )
}

/** The npm that runs this script, else the one on the PATH. */
function runNpm(args) {
  const npm = process.env.npm_execpath ?? ''
  return basename(npm).startsWith('npm')
    ? runProgram(process.execPath, [npm, ...args], { stdin: 'ignore' })
    : runProgram('npm', args, { stdin: 'ignore' })
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(join(ROOT, path), 'utf8'))
  } catch {
    return undefined
  }
}
