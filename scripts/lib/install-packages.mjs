import { spawnSync } from 'node:child_process'
import { watchForInterruption } from './interruption.mjs'
import { PACKAGE_MANAGERS } from './package-managers.mjs'
import { findProgram } from './programs.mjs'
import { runProgram } from './run-program.mjs'
import { CannotGoOn, say } from './say.mjs'

/**
 * Installs `what`, one of the lists of PACKAGE_MANAGERS, by the system's package manager, trying one set of packages after the other until
 * `isThere` holds. Resolves to undefined on success, else to the reason in words.
 */
export async function installPackages(what, isThere) {
  const manager = PACKAGE_MANAGERS.find(({ name }) => findProgram(name) !== undefined)
  if (manager === undefined) return 'no package manager that this script knows is on the PATH'
  const prefix = manager.needsRoot ? rootPrefix() : []
  if (prefix === undefined) return `this is not root, and sudo asks for a password or is missing`
  if (manager.needsRoot === false && process.getuid?.() === 0) return `${manager.name} does not run as root`
  const interruption = watchForInterruption()
  const run = async (command) => {
    const [file, ...args] = [...prefix, ...command]
    await runProgram(file, args, { stdin: 'ignore' })
    if (interruption.signal !== undefined)
      throw new CannotGoOn(`interrupted by ${interruption.signal} while packages were installed`)
  }

  try {
    for (const [index, packages] of manager[what].entries()) {
      say(`installing ${packages.join(' and ')} by ${manager.name} …`)
      if (index === 0 && manager.refresh !== undefined) await run(manager.refresh)
      await run([...manager.install, ...packages])
      if (isThere()) return undefined
    }
    return `${manager.name} did not install them, see above`
  } finally {
    interruption.stop()
  }
}

/** The command line for a person of this system to type; Debian's when the system is not known. */
export function installHint(what) {
  const manager = PACKAGE_MANAGERS.find(({ name }) => findProgram(name) !== undefined)
  const named = manager ?? PACKAGE_MANAGERS[0]
  const [packages = []] = named[what]
  const verb = { 'apt-get': 'install -y', apk: 'add', pacman: '-S' }[named.name] ?? 'install'
  return `${named.needsRoot ? 'sudo ' : ''}${named.name} ${verb} ${packages.join(' ')}`
}

/** What to put before a command that needs root: nothing, `sudo -n`, or undefined when neither will do. */
function rootPrefix() {
  if (process.getuid?.() === 0) return []
  if (findProgram('sudo') === undefined) return undefined
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? ['sudo', '-n'] : undefined
}
