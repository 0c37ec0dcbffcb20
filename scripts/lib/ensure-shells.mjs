import { ensurePrograms } from './ensure-programs.mjs'

/** The scripts of k8s/ are checked by shellcheck, and read by the shells of Debian's and of Alpine's images. */
export function ensureShells() {
  return ensurePrograms('shells', ['shellcheck', 'dash', 'busybox'], 'The scripts of k8s/ cannot be checked.')
}

/** They complete the command line's words, as bash does; whoever has none of them needs no completion there. */
export function ensureCompletionShells() {
  return ensurePrograms('completion', ['zsh', 'fish'], 'Completion in them is not tested.')
}
