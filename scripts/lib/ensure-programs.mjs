import { installPackages } from './install-packages.mjs'
import { findProgram } from './programs.mjs'
import { say } from './say.mjs'

/** Installs `what`, one of the lists of PACKAGE_MANAGERS, when one of these programs is missing; what it could not do it says, and what that means. */
export async function ensurePrograms(what, names, otherwise) {
  const missing = () => names.filter((name) => findProgram(name) === undefined)
  if (missing().length === 0) return
  const problem = await installPackages(what, () => missing().length === 0)
  if (problem !== undefined) say(`${missing().join(', ')} missing and not installed: ${problem}. ${otherwise}`)
}
