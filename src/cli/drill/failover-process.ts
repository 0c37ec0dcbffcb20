import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { LONGEST_WITHIN_MS } from '../failover/command.js'
import type { Target, TargetFlags } from '../target.js'
import { DrillError } from './problem.js'

const MOVED = 0

/**
 * The command `failover` in a process of its own: there the clients under test see of a coordinated failover what those of any other
 * program see, where one of this process would tell them. Called off by the signal while that can be done.
 *
 * @throws DrillError when the primary has not moved.
 */
export async function coordinatedFailover(
  target: Target,
  flags: TargetFlags,
  withinMs: number,
  signal: AbortSignal
): Promise<void> {
  const [, program = ''] = process.argv
  const args = [
    'failover',
    '--yes',
    '--json',
    '--within',
    String(Math.min(withinMs, LONGEST_WITHIN_MS)),
    ...argumentsOf(flags)
  ]
  const child = spawn(process.execPath, [...process.execArgv, program, ...args], {
    env: environmentOf(target, flags),
    // A session of its own: ctrl-C on the terminal is for this process, which asks it to call the failover off, and a killed drill leaves
    // it to carry the failover to its end, or to call it off, and to end by itself.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe']
  })
  const said = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => (said[stream] += text))
  const callOff = (): void => void child.kill('SIGINT')
  signal.addEventListener('abort', callOff, { once: true })
  try {
    const [exitCode] = (await once(child, 'close')) as [number | null]
    if (exitCode !== MOVED)
      throw new DrillError('not-done', `the command failover ended with ${exitCode}: ${problemIn(said)}`)
  } finally {
    signal.removeEventListener('abort', callOff)
  }
}

function argumentsOf(flags: TargetFlags): string[] {
  const named: readonly (readonly [string, string | undefined])[] = [
    ['--ca', flags.ca],
    ['--cert', flags.cert],
    ['--key', flags.key],
    ['--timeout', String(flags.timeout)]
  ]
  return [
    ...named.flatMap(([name, value]) => (value === undefined ? [] : [name, value])),
    ...(flags.tls === true ? ['--tls'] : []),
    ...(flags.sentinelTls === true ? ['--sentinel-tls'] : [])
  ]
}

/** A command line can be seen by others: the environment has the secrets, those of files too. */
function environmentOf({ url, options }: Target, flags: TargetFlags): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('REDIS_'))
  const where =
    url === undefined ? { REDIS_SENTINELS: flags.sentinels?.join(','), REDIS_NAME: flags.name } : { REDIS_URL: url }
  return {
    ...Object.fromEntries(inherited),
    ...where,
    REDIS_USERNAME: options.username,
    REDIS_PASSWORD: options.password,
    REDIS_SENTINEL_USERNAME: options.sentinelUsername,
    REDIS_SENTINEL_PASSWORD: options.sentinelPassword
  }
}

/** Its JSON has a problem; when it did not come so far, all that it said. */
function problemIn({ stdout, stderr }: Readonly<Record<'stdout' | 'stderr', string>>): string {
  try {
    const { problem } = JSON.parse(stdout) as { readonly problem?: string }
    return problem ?? stdout
  } catch {
    return `${stdout}${stderr}`.trim()
  }
}
