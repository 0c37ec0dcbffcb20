import { findChromium } from './chromium.mjs'
import { installHint, installPackages } from './install-packages.mjs'
import { CannotGoOn } from './say.mjs'

/** The dashboard is tested in a real browser: installs Chromium when there is none, or says what to install. */
export async function ensureChromium() {
  const isThere = () => findChromium() !== undefined
  if (isThere()) return
  const problem = await installPackages('chromium', isThere)
  if (problem === undefined) return
  throw new CannotGoOn(
    `there is no Chromium on the PATH, and none was installed: ${problem}. ` +
      `Install one yourself, for example: ${installHint('chromium')}`
  )
}
