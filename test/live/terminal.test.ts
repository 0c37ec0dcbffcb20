import type { LocalTopology } from 'ioredis-sentinel/testkit'
import { startTopology } from 'ioredis-sentinel/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Terminal } from '../../scripts/terminal/terminal.js'
import { COMMAND_LINE } from './support/command-line.js'
import { beginFailover } from './support/clients.js'

let topology: LocalTopology
beforeAll(async () => {
  topology = await startTopology({ replicas: 1 })
})
afterAll(() => topology.stop())

const onTerminal = (words: string): Terminal =>
  new Terminal(`${process.execPath} ${COMMAND_LINE} ${words} --url ${topology.url}`, process.env)

test('watch draws the group in colour, again and again in one place, and ctrl-C ends it well', async () => {
  const watch = onTerminal('watch')
  await watch.shows(/└─ replica/)
  await beginFailover(topology)
  const { address } = await topology.primary()
  const text = await watch.shows(/failover {2}|moved/)
  expect(text.match(/ quorum \d/g)).toHaveLength(1)
  expect(text).toContain(`${address.host}:${address.port}`)
  expect(watch.coloured).toBe(true)
  expect(await watch.interrupt()).toBe(0)
})

test('failover asks, and does nothing for any answer but y', async () => {
  await topology.settled()
  const primary = await topology.primary()
  const failover = onTerminal('failover')
  await failover.shows(/\[y\/N\]/)
  failover.type('n\r')
  expect(await failover.ended()).toBe(4)
  expect(await failover.text()).toMatch(/nothing was done/)
  expect(await topology.primary()).toBe(primary)
})

const FINDING = /^warning {2}min-replicas-off\n {2}(?<meaning>[^]*?)\n {2}read/m

test('doctor breaks its lines between words', async () => {
  const doctor = onTerminal('doctor')
  await doctor.ended()
  const text = await doctor.text()
  const { meaning } = FINDING.exec(text)?.groups ?? {}
  expect(meaning?.split('\n').length).toBeGreaterThan(1)
  expect(meaning?.replaceAll('\n  ', ' ')).toMatch(/^min-replicas-to-write is 0: a primary .* when it comes back\.$/)
  expect(doctor.coloured).toBe(true)
})
