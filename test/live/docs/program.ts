import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { format } from 'node:util'
import type { SentinelRedis } from 'ioredis-sentinel'
import { expect, vi } from 'vitest'
import { eventually } from '../support/server-view.js'

/** A block of the documents while it runs. */
export interface Running {
  /** What it declares by this name. */
  readonly made: <T>(name: string) => T
  readonly redis: SentinelRedis
  /** What it has printed so far, line by line. */
  readonly said: readonly string[]
  /** Of the group that it runs against. */
  readonly url: string
  /** Has the sentinels begin a failover of it. */
  readonly failOver: () => Promise<void>
}

export type Group = Pick<Running, 'url' | 'failOver'>

export interface Program {
  readonly document: string
  /** Of the section in which it stands; blocks of one section come in their order. */
  readonly heading: string
  /** What the text around it takes for granted. */
  readonly around?: string
  /** Its group speaks TLS and wants a password. */
  readonly tls?: true
  /** Changes in the block beside addresses and files: that it listens on a free port, and what has no name in it gets one. */
  readonly edit?: (block: string) => string
  /** What is looked at when the block has run; resolves when what it opened is closed, but for `redis`. */
  readonly then: (running: Running) => Promise<void>
}

/** What names a group, to stand around a block. */
export const GROUP = `import { SentinelRedis } from 'ioredis-sentinel'
const [name, sentinels] = ['mymaster', ['10.0.0.1:26379', '10.0.0.2:26379', '10.0.0.3:26379']]`

/** A client, to stand around a block. */
export const REDIS = `import { SentinelRedis } from 'ioredis-sentinel'
const redis = new SentinelRedis('redis+sentinel://10.0.0.1:26379,10.0.0.2:26379,10.0.0.3:26379/mymaster')`

/** Resolves when an adapter of Socket.IO is subscribed: one that is closed before leaves calls behind whose end nobody takes. */
export async function listensTo(channels: string, { redis }: Running): Promise<void> {
  await eventually(async () => expect(await redis.call('PUBSUB', 'CHANNELS', channels)).not.toEqual([]))
}

const MODULES = fileURLToPath(new URL('../../../node_modules', import.meta.url))

let before: Promise<unknown> = Promise.resolve()

/** Runs a block in this process when those before it are over, since each has the console, and closes the client that it made, whatever comes. */
export function runProgram(program: Program, block: string, group: Group): Promise<void> {
  const over = before.then(() => run(program, block, group))
  before = over.catch(() => undefined)
  return over
}

async function run({ around = '', then }: Program, block: string, group: Group): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ioredis-sentinel-docs-'))
  const said: string[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((...words: unknown[]) => {
    said.push(...format(...words).split('\n'))
  })
  let made: Readonly<Record<string, unknown>> = {}
  try {
    symlinkSync(MODULES, join(folder, 'node_modules'))
    const file = join(folder, 'program.mts')
    writeFileSync(file, exporting(`${around}\n${block}`))
    made = (await import(file)) as Readonly<Record<string, unknown>>
    await then({ made: <T>(name: string) => made[name] as T, redis: made['redis'] as SentinelRedis, said, ...group })
  } finally {
    log.mockRestore()
    rmSync(folder, { recursive: true })
    await (made['redis'] as Partial<SentinelRedis> | undefined)?.close?.()
  }
}

/** With all that stands on its top level exported. */
function exporting(program: string): string {
  const names = [...program.matchAll(/^(?:const|let|(?:async )?function) (\w+)/gm)].map(([, name]) => name)
  return `${program}\nexport { ${names.join(', ')} }\n`
}
