import { Command } from 'commander'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nodeAccess, sentinelAccess } from '../../../src/cli/access.js'
import { addTargetFlags, readTarget, type Target, type TargetFlags } from '../../../src/cli/target.js'

const NAMES = ['URL', 'SENTINELS', 'NAME', 'USERNAME', 'PASSWORD', 'SENTINEL_USERNAME', 'SENTINEL_PASSWORD'] as const
type Environment = Partial<Record<(typeof NAMES)[number], string>>

beforeEach(() => {
  for (const name of NAMES) vi.stubEnv(`REDIS_${name}`, undefined)
})
afterEach(() => vi.unstubAllEnvs())

async function targetOf(environment: Environment, ...args: readonly string[]): Promise<Target> {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(`REDIS_${name}`, value)
  const command = addTargetFlags(new Command()).exitOverride()
  await command.parseAsync(args, { from: 'user' })
  return readTarget(command.opts<TargetFlags>(), command)
}

/** As whom the nodes and the sentinels are asked. */
async function askedAs(environment: Environment, ...args: readonly string[]): Promise<unknown> {
  const target = await targetOf(environment, ...args)
  return { nodes: nodeAccess(target), sentinels: sentinelAccess(target) }
}

const OTHERS = { USERNAME: 'env', PASSWORD: 'env-pw', SENTINEL_USERNAME: 'env-s', SENTINEL_PASSWORD: 'env-s-pw' }
const FROM_ENVIRONMENT = {
  nodes: { username: 'env', password: 'env-pw' },
  sentinels: { username: 'env-s', password: 'env-s-pw' }
}

describe('as whom servers are asked', () => {
  it('as a URL that was typed says, whoever the environment is for, on each hop by itself', async () => {
    const own = 'redis+sentinel://app:p%40ss@h:1/n?sentinelPassword=watch'
    expect(await askedAs(OTHERS, '--url', own)).toEqual({
      nodes: { username: 'app', password: 'p@ss' },
      sentinels: { password: 'watch' }
    })
    expect(await askedAs(OTHERS, '--url', 'redis+sentinel://:pw@h:1/n')).toEqual({
      nodes: { password: 'pw' },
      sentinels: FROM_ENVIRONMENT.sentinels
    })
    expect(await askedAs(OTHERS, '--url', 'redis+sentinel://h:1/n?sentinelPassword=watch')).toEqual({
      nodes: FROM_ENVIRONMENT.nodes,
      sentinels: { password: 'watch' }
    })
    expect(await targetOf(OTHERS, '--url', own)).toEqual({ url: own, options: {}, timeoutMs: 5_000 })
  })

  it('as the environment says where a typed URL says nothing, or the URL is of the environment too', async () => {
    expect(await askedAs(OTHERS, '--url', 'redis+sentinel://h:1/n')).toEqual(FROM_ENVIRONMENT)
    expect(await askedAs({ ...OTHERS, URL: 'redis+sentinel://app:pw@h:1/n' })).toEqual(FROM_ENVIRONMENT)
    expect(await askedAs(OTHERS, '--sentinels', 'h:1', '--name', 'n')).toEqual(FROM_ENVIRONMENT)
  })

  it('as flags say above all', async () => {
    const typed = ['--url', 'redis+sentinel://app:pw@h:1/n?sentinelPassword=watch', '--password', 'typed']
    expect(await askedAs(OTHERS, ...typed, '--sentinel-username', 'ops')).toEqual({
      nodes: { username: 'app', password: 'typed' },
      sentinels: { username: 'ops', password: 'watch' }
    })
  })
})

describe('a password that is given twice', () => {
  it.each(['--password', '--sentinel-password'])('is refused: %s beside a file', async (flag) => {
    const twice = targetOf({}, '--url', 'redis+sentinel://h:1/n', flag, 'typed', `${flag}-file`, '/nowhere')
    await expect(twice).rejects.toThrow(`${flag} is given beside ${flag}-file: give one of them`)
  })

  it('is that of the file where the other is of the environment', async () => {
    const file = ['--password-file', 'test/unit/cli/target.test.ts']
    const { options } = await targetOf({ PASSWORD: 'env-pw' }, '--url', 'redis+sentinel://h:1/n', ...file)
    expect(options.password).toContain('is that of the file')
  })
})
