import { installPackages } from './install-packages.mjs'
import { findProgram } from './programs.mjs'
import { say } from './say.mjs'

/** The scripts of k8s/ are checked by shellcheck, and read by the shells of Debian's and of Alpine's images. */
export function ensureShells() {
  return ensurePrograms('shells', ['shellcheck', 'dash', 'busybox'], 'The scripts of k8s/ cannot be checked.')
}

/** They complete the command line's words, as bash does; whoever has none of them needs no completion there. */
export function ensureCompletionShells() {
  return ensurePrograms('completion', ['zsh', 'fish'], 'Completion in them is not tested.')
}

async function ensurePrograms(what, names, otherwise) {
  const missing = () => names.filter((name) => findProgram(name) === undefined)
  if (missing().length === 0) return
  const problem = await installPackages(what, () => missing().length === 0)
  if (problem !== undefined) say(`${missing().join(', ')} missing and not installed: ${problem}. ${otherwise}`)
}
