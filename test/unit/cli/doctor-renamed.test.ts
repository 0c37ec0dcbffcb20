import { describe, expect, it } from 'vitest'
import { readRefusals } from '../../../src/cli/doctor/renamed.js'

describe('of what a node refused', () => {
  it.each([
    ["CONFIG GET: ERR unknown command 'CONFIG', with args beginning with: 'GET' '*' ", 'CONFIG'],
    ['CLIENT LIST: ERR unknown command `CLIENT`, with args beginning with: `LIST`, ', 'CLIENT'],
    ["CONFIG GET: ERR unknown command 'CONFIG'", 'CONFIG'],
    ["INFO: ERR unknown command 'info', with args beginning with: ", 'INFO']
  ])('%j is a command that was renamed, and an answer that is missing', (said, command) => {
    expect(readRefusals([said])).toEqual({ refused: [said], renamed: [{ command, said }] })
  })

  it.each(['config', 'multi', 'exec', 'slaveof', 'client', 'publish', 'subscribe', 'script', 'ping'])(
    'ACL DRYRUN that does not find %s is a command that was renamed, and nothing else',
    (command) => {
      const said = `ACL DRYRUN default: ERR Command '${command}' not found`
      expect(readRefusals([said])).toEqual({ refused: [], renamed: [{ command: command.toUpperCase(), said }] })
    }
  )

  it.each([
    "ACL LIST: ERR unknown command 'ACL', with args beginning with: 'LIST' ",
    'ACL LIST: ERR unknown command `ACL`, with args beginning with: `LIST`, ',
    'ACL DRYRUN default: ERR Unknown subcommand or wrong number of arguments for DRYRUN. Try ACL HELP.',
    "ACL DRYRUN default: ERR Command 'role' not found",
    "ACL DRYRUN default: ERR Command 'psync' not found",
    "CONFIG GET: NOPERM User app has no permissions to run the 'config|get' command",
    "ACL DRYRUN app: ERR User 'app' not found",
    'CLIENT LIST: Command timed out'
  ])('%j is no command that sentinels miss', (said) => {
    expect(readRefusals([said])).toEqual({ refused: [said], renamed: [] })
  })

  it('each command is told once', () => {
    const twice = ["CONFIG GET: ERR unknown command 'CONFIG'", "ACL DRYRUN default: ERR Command 'config' not found"]
    const { refused, renamed } = readRefusals([...twice, "ACL DRYRUN watcher: ERR Command 'exec' not found"])
    expect(refused).toEqual(twice.slice(0, 1))
    expect(renamed.map(({ command }) => command)).toEqual(['CONFIG', 'EXEC'])
  })
})
