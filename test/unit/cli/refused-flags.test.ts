import type { Command } from 'commander'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { failoverCommand } from '../../../src/cli/failover/command.js'
import { localCommand } from '../../../src/cli/local/command.js'
import { ConfigurationError } from '../../../src/index.js'

beforeEach(() => {
  for (const name of ['REDIS_URL', 'REDIS_SENTINELS', 'REDIS_NAME']) vi.stubEnv(name, undefined)
})
afterEach(() => vi.unstubAllEnvs())

const COMMANDS = { failover: failoverCommand, local: localCommand }

/** What the command line is refused with; it must not come to anything else. */
async function refusal(name: keyof typeof COMMANDS, args: readonly string[]): Promise<string> {
  const command: Command = COMMANDS[name](() => expect.unreachable('it was begun')).exitOverride()
  const error: unknown = await command.parseAsync(args, { from: 'user' }).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ConfigurationError)
  return (error as Error).message
}

const GROUP = ['--sentinels', '127.0.0.1:1', '--name', 'none', '--yes']

describe('flags that would be without effect', () => {
  it.each<[string, keyof typeof COMMANDS, string[], RegExp]>([
    [
      '--patience of a failover by hand',
      'failover',
      ['--manual', '--patience', '0', ...GROUP],
      /--patience .*--manual/
    ],
    [
      '--ca without TLS',
      'failover',
      ['--ca', 'ca.pem', ...GROUP],
      /--ca .*without TLS: add --tls, --sentinel-tls or both/
    ],
    [
      '--ca with a URL without TLS',
      'failover',
      ['--ca', 'ca.pem', '--url', 'redis+sentinel://127.0.0.1:1/none', '--yes'],
      /--ca .*without TLS: .*rediss\+sentinel:/
    ],
    ['--key without TLS', 'failover', ['--key', 'key.pem', ...GROUP], /--key is given without TLS/],
    ['--key alone', 'failover', ['--tls', '--key', 'key.pem', ...GROUP], /--key is given alone: --cert and --key/],
    ['--cert alone', 'failover', ['--tls', '--cert', 'c.pem', ...GROUP], /--cert is given alone: --cert and --key/],
    ['--port without a page', 'local', ['--port', '8080'], /--port is given without --dashboard/],
    ['--load without a page', 'local', ['--load', '10'], /--load is given without --dashboard/]
  ])('are refused: %s', async (_, name, args, message) => {
    expect(await refusal(name, args)).toMatch(message)
  })
})
