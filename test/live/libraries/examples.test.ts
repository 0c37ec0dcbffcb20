import type { LocalTopology } from 'ioredis-sentinel/testkit'
import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Child } from '../child.js'
import { settleSoon, startQuickTopology } from '../support/clients.js'
import { nothingLeft } from './support/nothing-left.js'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const FOLDER = 'examples/libraries'

/** The last line of what each says. */
const SAYS: Readonly<Record<string, RegExp>> = {
  bottleneck: /^\d{3,} jobs done, at most [123] at a time$/,
  bullmq: /^(\d{3,}) of \1 jobs done, 0 of them twice$/,
  'cache-manager': /^\d{3,} looks, made 1 time$/,
  'connect-redis': /^(\d{3,}) of \1 visits counted$/,
  'fastify-redis': /^(\d{3,}) of \1 visits counted$/,
  nestjs: /^(\d{3,}) of \1 visitors counted$/,
  'rate-limiter-flexible': /^60 of \d{3,} calls allowed, \d+ refused$/,
  redlock: /^\d{3,} turns, 1 at a time$/,
  'socket.io-redis-adapter': /^\d+ of \d{3,} messages arrived, 0 of them twice$/,
  'socket.io-redis-streams-adapter': /^(\d{3,}) of \1 messages arrived, 0 of them twice$/
}

let topology: LocalTopology
beforeAll(async () => {
  topology = await startQuickTopology()
})
afterAll(() => topology.stop())

const files = readdirSync(`${ROOT}${FOLDER}`)
  .filter((file) => file.endsWith('.ts'))
  .sort()

async function run(name: string, ...args: string[]): Promise<string[]> {
  await using child = new Child(`${FOLDER}/${name}.ts`, args)
  expect([await child.ended(), child.stderr], child.stdout).toEqual([0, ''])
  return child.stdout.trimEnd().split('\n')
}

test('are all told of, with their commands, in their headers and in docs/libraries.md', () => {
  expect(files.map((file) => basename(file, '.ts'))).toEqual(Object.keys(SAYS).sort())
  const docs = readFileSync(`${ROOT}docs/libraries.md`, 'utf8')
  for (const file of files) {
    const command = `npx tsx ${FOLDER}/${file}\n`
    expect(docs).toContain(command)
    expect(readFileSync(`${ROOT}${FOLDER}/${file}`, 'utf8')).toContain(command)
  }
})

test.each(Object.entries(SAYS))('%s runs through a failover of the group that it is given', async (name, says) => {
  await settleSoon(topology)
  const lines = await run(name, topology.url, '--failover')
  expect(lines.filter((line) => line.startsWith('failover: '))).toHaveLength(1)
  expect(lines.at(-1)).toMatch(says)
  await nothingLeft(topology)
})

test('without a group they start one of their own', async () => {
  const lines = await run('nestjs')
  expect(lines.at(0)).toMatch(/^failover: /)
  expect(lines.at(-1)).toMatch(SAYS['nestjs'] as RegExp)
})
