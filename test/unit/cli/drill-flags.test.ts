import { CommanderError } from 'commander'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ConfigurationError } from '../../../src/index.js'
import { drillCommand } from '../../../src/cli/drill/command.js'
import { ALL_FAULTS } from '../../../src/cli/drill/faults.js'

let said = ''

beforeEach(() => {
  said = ''
  for (const name of ['REDIS_URL', 'REDIS_SENTINELS', 'REDIS_NAME']) vi.stubEnv(name, undefined)
})
afterEach(() => vi.unstubAllEnvs())

/** What the command line is refused with; it must not come to a drill. */
async function refusal(...args: readonly string[]): Promise<string> {
  const command = drillCommand(() => expect.unreachable('a drill was begun'))
    .exitOverride()
    .configureOutput({ writeErr: (text) => (said += text), writeOut: (text) => (said += text) })
  const error: unknown = await command.parseAsync(args, { from: 'user' }).catch((thrown: unknown) => thrown)
  if (error instanceof CommanderError) return said
  expect(error).toBeInstanceOf(ConfigurationError)
  return (error as Error).message
}

const GROUP = ['--sentinels', '127.0.0.1:1', '--name', 'none', '--yes']

describe('the command line of drill', () => {
  it.each<[string, string[], RegExp]>([
    ['an unknown fault', ['meteor', ...GROUP], /'meteor'.*Allowed choices are manual, coordinated, .*kill/],
    ['no fault', [], /missing required argument 'fault'/],
    ['a negative rate', ['manual', '--write-rate', '-5', ...GROUP], /--write-rate.*'-5'.*whole number from 1 to 5000/],
    ['no writes', ['manual', '--write-rate', '0', ...GROUP], /whole number from 1 to 5000/],
    ['a budget in words', ['manual', '--budget-lost', 'few', ...GROUP], /--budget-lost.*'few'.*whole number/],
    ['no group', ['manual', '--yes'], /--sentinels is missing: .*REDIS_SENTINELS/],
    ['nobody to ask', ['manual', ...GROUP.slice(0, 4)], /--yes is missing: standard input is no terminal/],
    ['JSON and a question', ['manual', ...GROUP.slice(0, 4), '--json'], /--json is given without --yes/],
    [
      'a shutdown without --yes',
      ['shutdown', ...GROUP.slice(0, 4)],
      /--yes is missing: shutdown ends the primary for good/
    ],
    ['a kill of a running group', ['kill', ...GROUP], /kill needs --local: .*On a running group: manual, .*"wait"/],
    ['two groups', ['kill', '--local', '--url', 'redis+sentinel://h/n'], /--url is given beside --local/],
    ['TLS to a group of its own', ['kill', '--local', '--tls'], /--tls is given beside --local: .*no TLS, no users/],
    ['TLS to sentinels of its own', ['kill', '--local', '--sentinel-tls'], /--sentinel-tls is given beside --local/],
    ['an authority for a group of its own', ['kill', '--local', '--ca', 'ca.pem'], /--ca is given beside --local/],
    ['a certificate for it', ['kill', '--local', '--cert', 'a', '--key', 'b'], /--cert is given beside --local/],
    ['a user of it', ['kill', '--local', '--username', 'app'], /--username is given beside --local/],
    ['a password of it', ['kill', '--local', '--password', 'pw'], /--password is given beside --local/],
    ['a file with it', ['kill', '--local', '--password-file', 'f'], /--password-file is given beside --local/],
    [
      'a password of its sentinels',
      ['kill', '--local', '--sentinel-password', 'pw'],
      /--sentinel-password is given beside --local/
    ],
    ['replicas of a running group', ['manual', '--replicas', '3', ...GROUP], /--replicas is given without --local/],
    ['a pause of no pause', ['manual', '--pause', '100', ...GROUP], /--pause is given with manual/],
    ['a budget for no reads', ['manual', '--read-rate', '0', '--budget-read-errors', '1', ...GROUP], /--read-rate 0/],
    [
      'more calls than may be',
      ['wait', '--write-rate', '5000', '--within', '3600000', ...GROUP],
      /--write-rate 5000 and --read-rate 100 for up to 3600000 ms may come to 18360000 calls, and 2000000 are allowed: give rates of at most 555 together/
    ],
    [
      'as many reads',
      ['manual', '--write-rate', '1', '--read-rate', '5000', '--duration', '400000', ...GROUP],
      /--write-rate 1 and --read-rate 5000 for up to 400000 ms may come to 2000400 calls, and 2000000 are allowed: give rates of at most 5000 together/
    ],
    [
      'a page that cannot be',
      ['manual', '--html', '/nowhere/at/all.html', ...GROUP],
      /--html names "\/nowhere\/at\/all.html"/
    ]
  ])('refuses %s and says what is allowed', async (_, args, message) => {
    expect(await refusal(...args)).toMatch(message)
  })

  it('has every fault, its rights and its exit codes in its help', async () => {
    await refusal('--help')
    for (const fault of ALL_FAULTS) expect(said).toMatch(new RegExp(`^  ${fault} +\\S`, 'm'))
    expect(said).toMatch(/^ {2}130 {2}ended by ctrl-C/m)
    expect(said).toContain('+rpush +pexpire +lindex +lrange +del')
  })
})
