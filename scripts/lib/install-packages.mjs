import { spawnSync } from 'node:child_process'
import { PACKAGE_MANAGERS } from './package-managers.mjs'
import { findProgram } from './programs.mjs'
import { runProgram } from './run-program.mjs'
import { say } from './say.mjs'

/**
 * Installs `what` ('redis' or 'iptables') by the system's package manager, trying one set of packages after the other until
 * `isThere` holds. Resolves to undefined on success, else to the reason in words.
 */
export async function installPackages(what, isThere) {
  const manager = PACKAGE_MANAGERS.find(({ name }) => findProgram(name) !== undefined)
  if (manager === undefined) return 'no package manager that this script knows is on the PATH'
  const prefix = manager.needsRoot ? rootPrefix() : []
  if (prefix === undefined) return `this is not root, and sudo asks for a password or is missing`
  if (manager.needsRoot === false && process.getuid?.() === 0) return `${manager.name} does not run as root`
  const run = (command) => runProgram([...prefix, ...command][0], [...prefix, ...command].slice(1), { stdin: 'ignore' })

  for (const [index, packages] of manager[what].entries()) {
    say(`installing ${packages.join(' and ')} by ${manager.name} …`)
    if (index === 0 && manager.refresh !== undefined) await run(manager.refresh)
    await run([...manager.install, ...packages])
    if (isThere()) return undefined
  }
  return `${manager.name} did not install them, see above`
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
