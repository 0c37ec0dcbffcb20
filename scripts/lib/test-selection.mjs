import { CannotGoOn } from './say.mjs'

const CHECKS = ['types', 'lint', 'format']
const PROJECTS = ['unit', 'spec', 'manifests', 'simulation', 'live', 'package', 'kubernetes']
const NAMES = [...CHECKS, ...PROJECTS]

/** Those that start no server. */
const WITHOUT_SERVERS = new Set([...CHECKS, 'unit', 'spec', 'manifests', 'simulation'])

export const TEST_HELP = `usage: npm test [-- [--only <names>] [vitest's own arguments]]
  --only a,b     of ${NAMES.join(', ')}
  other words    are given to vitest: a part of a file's path, -t <part of a test's name>;
                 with them, and without --only, only the vitest projects run`

/**
 * What `npm test -- …` asks for.
 * @returns {{ checks: string[], projects: string[], vitestArgs: string[], needsServers: boolean }}
 */
export function parseSelection(args) {
  const vitestArgs = []
  let only
  for (let index = 0; index < args.length; index++) {
    const arg = args[index]
    if (arg === '--only') only = namesOf(args[++index] ?? '')
    else if (arg.startsWith('--only=')) only = namesOf(arg.slice('--only='.length))
    else vitestArgs.push(arg)
  }
  const chosen = only ?? (vitestArgs.length > 0 ? PROJECTS : NAMES)
  return {
    checks: CHECKS.filter((name) => chosen.includes(name)),
    projects: PROJECTS.filter((name) => chosen.includes(name)),
    vitestArgs,
    needsServers: chosen.some((name) => !WITHOUT_SERVERS.has(name))
  }
}

function namesOf(text) {
  const names = text.split(',').filter((name) => name !== '')
  const unknown = names.find((name) => !NAMES.includes(name))
  if (unknown !== undefined)
    throw new CannotGoOn(`--only ${unknown}: there is no such part; there are ${NAMES.join(', ')}`)
  if (names.length === 0) throw new CannotGoOn(`--only needs one or more of ${NAMES.join(', ')}, with commas between`)
  return names
}
