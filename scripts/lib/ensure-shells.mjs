import { installPackages } from './install-packages.mjs'
import { findProgram } from './programs.mjs'
import { say } from './say.mjs'

/** The scripts of k8s/ are checked by shellcheck, and read by the shells of Debian's and of Alpine's images. */
export async function ensureShells() {
  const missing = () => ['shellcheck', 'dash', 'busybox'].filter((name) => findProgram(name) === undefined)
  if (missing().length === 0) return
  const problem = await installPackages('shells', () => missing().length === 0)
  if (problem !== undefined)
    say(`${missing().join(', ')} missing and not installed: ${problem}. The scripts of k8s/ cannot be checked.`)
}
