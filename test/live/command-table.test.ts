import type { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { CommandFlags } from '../../scripts/command-flags.js'
import { readCommandFlags } from '../../scripts/command-flags.js'
import type { ScratchServer } from '../../scripts/scratch-server.js'
import { startScratchServer } from '../../scripts/scratch-server.js'
import { COMMAND_TABLE } from '../../src/routing/command-table.js'
import { intentOf } from '../../src/routing/commands.js'

let server: ScratchServer
let client: Redis
let live: CommandFlags

beforeAll(async () => {
  server = await startScratchServer('redis-server', '127.74.1.2')
  client = server.connect()
  live = await readCommandFlags(client)
})
afterAll(() => server.stop())

const tableFlags = (name: string) => new Set(COMMAND_TABLE[name]?.split(' '))

it('holds every command and subcommand of the server', async () => {
  expect([...live.keys()].filter((name) => !name.includes('|')).length).toBe(await client.call('COMMAND', 'COUNT'))
  expect([...live.keys()].filter((name) => !(name in COMMAND_TABLE))).toEqual([])
})

it('permits nothing that the server does not, and forbids all that it forbids', () => {
  const lax = [...live].filter(([name, flags]) => {
    const table = tableFlags(name)
    const permits = ['readonly', 'read-keys'].some((flag) => table.has(flag) && !flags.has(flag))
    return permits || ['write', 'write-keys', 'blocking'].some((flag) => flags.has(flag) && !table.has(flag))
  })
  expect(lax.map(([name]) => name)).toEqual([])
})

it('routes to a replica only what the server flags readonly', () => {
  const reads = [...live].filter(([name]) => {
    const [command = '', ...sub] = name.split('|')
    return intentOf(command, [...sub, 'k']) === 'read'
  })
  expect(reads.length).toBeGreaterThan(50)
  expect(reads.filter(([, flags]) => !flags.has('readonly') || flags.has('write')).map(([name]) => name)).toEqual([])
})
