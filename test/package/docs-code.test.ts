import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { problemsIn } from './compiler.js'
import { codeBlocks, sections } from './markdown.js'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const DOCUMENTS = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.md'))
  .map((path) => `docs/${path.replaceAll('\\', '/')}`)

/** What a block that begins in the middle has from around it, by the names that it uses and does not declare. */
const AROUND: Readonly<Record<string, string>> = {
  redis: `declare const redis: import('ioredis-sentinel').SentinelRedis`,
  SentinelRedis: `import { SentinelRedis } from 'ioredis-sentinel'`,
  startFakeSentinel: `import { startFakeSentinel } from 'ioredis-sentinel/testkit'`,
  fetchToken:
    'declare function fetchToken(options: { signal: AbortSignal }): Promise<{ token: string; secondsLeft: number }>',
  readFile: `import { readFile } from 'node:fs/promises'`,
  name: 'declare const name: string',
  sentinels: 'declare const sentinels: string[]',
  id: 'declare const id: string',
  secret: 'declare const secret: string',
  request: 'declare const request: { cookies: { seen: string } }',
  response: 'declare const response: { cookie(name: string, value: string): void }',
  RateLimiterRedis: `import { RateLimiterRedis } from 'rate-limiter-flexible'`,
  io: `declare const io: import('socket.io').Server`,
  Redlock: `/// <reference path="examples/libraries/lib/redlock.d.ts" />\nimport Redlock from 'redlock'`,
  RedisStore: `import { RedisStore } from 'connect-redis'`,
  session: `import session from 'express-session'`,
  app: `declare const app: import('express').Express`,
  fastifyRedis: `import fastifyRedis from '@fastify/redis'`,
  createCache: `import { createCache } from 'cache-manager'`,
  Keyv: `import { Keyv } from 'keyv'`,
  KeyvRedis: `import KeyvRedis from '@keyv/redis'`,
  Bottleneck: `import Bottleneck from 'bottleneck'`
}

/** Where the same name means something else. */
const AROUND_IN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'Socket.IO, Redis adapter': { createAdapter: `import { createAdapter } from '@socket.io/redis-adapter'` },
  'Socket.IO, Redis Streams adapter': {
    createAdapter: `import { createAdapter } from '@socket.io/redis-streams-adapter'`
  },
  '@fastify/redis': { app: `declare const app: import('fastify').FastifyInstance` }
}

function whole(block: string, heading: string): string {
  // The examples of docs/testing-your-app.md lie beside each other, the blocks in the root.
  if (/^import .* from /m.test(block)) return block.replace(`'./shop.js'`, `'./examples/testing/shop.js'`)
  const isUsed = (name: string): boolean => new RegExp(`(?<![\\w.'"])${name}(?![\\w'"]|: )`).test(block)
  const isDeclared = (name: string): boolean => new RegExp(`(const|let) ${name}\\b`).test(block)
  const around = Object.entries({ ...AROUND, ...AROUND_IN[heading] })
    .filter(([name]) => isUsed(name) && !isDeclared(name))
    .map(([, text]) => text)
    .sort((a, b) => Number(b.startsWith('///')) - Number(a.startsWith('///')))
  return `${around.join('\n')}\n${block}\nexport {}\n`
}

/** A block may make something and leave it to the reader. */
const problems = (programs: readonly string[]): string[] => problemsIn(programs, { noUnusedLocals: false })

const blocks = DOCUMENTS.flatMap((path) =>
  sections(readFileSync(join(ROOT, path), 'utf8')).flatMap(({ heading, text }) =>
    codeBlocks(text, 'ts').map((block) => ({ path, heading, block }))
  )
)

describe('every ts block of the documents', () => {
  it('is found', () => {
    expect(new Set(blocks.map(({ path }) => path))).toEqual(
      new Set(
        [
          'architecture',
          'guarantees',
          'kubernetes',
          'libraries',
          'logging',
          'metrics',
          'migration',
          'read-policies',
          ...['bullmq', 'locks', 'nat', 'rate-limits', 'sessions', 'socket.io', 'tls'].map((name) => `recipes/${name}`),
          'security',
          'start-here',
          'testing-your-app',
          'testkit'
        ].map((name) => `docs/${name}.md`)
      )
    )
  })

  it('is right for the compiler', () => {
    expect(problems(blocks.map(({ block, heading }) => whole(block, heading)))).toEqual([])
  })

  it('would be found wrong if an option of it were', () => {
    const wrong = blocks
      .filter(({ block }) => block.includes('exactlyOnce: true'))
      .map(({ block, heading }) => whole(block.replaceAll('exactlyOnce: true', 'onlyOnce: true'), heading))
    expect(wrong.length).toBeGreaterThan(3)
    expect(problems(wrong).length).toBeGreaterThanOrEqual(wrong.length)
  })
})
