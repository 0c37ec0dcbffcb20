import { findProgram } from './programs.mjs'

/** As Debian, Alpine, Fedora, Arch and Google call it. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** The path of a Chromium on the PATH, or undefined. */
export function findChromium() {
  return NAMES.map(findProgram).find((path) => path !== undefined)
}
