import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The release whose suite is run; the one that this library is developed against. */
export const SUITE_VERSION = '6.0.0'

const NEEDED = ['lib/Redis.ts', 'test/functional', 'test/helpers/mock_server.ts', 'node_modules/mocha/bin/mocha.js']

/** The folder of an ioredis checkout that can be run, or what is missing, in one line. */
export function suiteFolder(given: string | undefined): { readonly folder: string } | { readonly missing: string } {
  if (given === undefined)
    return { missing: `give a folder with the source of ioredis ${SUITE_VERSION}, its npm packages installed: --suite` }
  const folder = resolve(given)
  const missing = NEEDED.filter((path) => !existsSync(join(folder, path)))
  if (missing.length > 0)
    return { missing: `${given} is no checkout of ioredis after \`npm ci\`: no ${missing.join(', ')}` }
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
  return version === SUITE_VERSION
    ? { folder }
    : { missing: `${given} is ioredis ${version}; allowed: ${SUITE_VERSION}` }
}
