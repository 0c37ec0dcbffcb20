import { installHint, installPackages } from './install-packages.mjs'
import { findProgram } from './programs.mjs'
import { CannotGoOn } from './say.mjs'

/** One of these is enough: the server is a sentinel too, when started with --sentinel. */
const SERVERS = ['redis-server', 'valkey-server']

/** Makes sure that a server is on the PATH: installs it, with its sentinel, when there is none, or says what to install. */
export async function ensureRedis() {
  const isThere = () => SERVERS.some((name) => findProgram(name) !== undefined)
  if (isThere()) return
  const problem = await installPackages('redis', isThere)
  if (problem === undefined) return
  throw new CannotGoOn(
    `neither ${SERVERS.join(' nor ')} is on the PATH, and none was installed: ${problem}. ` +
      `Install one yourself, for example: ${installHint('redis')}`
  )
}
