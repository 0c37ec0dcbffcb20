import { Redis as IoRedis } from 'ioredis'
import type { RedisOptions } from 'ioredis'
import { ConfigurationError, SentinelRedis } from 'ioredis-sentinel'
import type { SentinelRedisOptions } from 'ioredis-sentinel'
import { startFakeSentinel } from 'ioredis-sentinel/testkit'
import type { FakeGroup } from 'ioredis-sentinel/testkit'
import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { SETTINGS_VARIABLE, type Made, type MadeByFile, type Settings } from './settings.js'

const settings = JSON.parse(process.env[SETTINGS_VARIABLE] ?? '{}') as Settings

/** The sentinel that names the mock servers: each is the primary of a group of its own. */
const mockGroups: Record<string, FakeGroup> = {}
const sentinel = { host: '127.0.0.1', port: settings.sentinelPort }
void startFakeSentinel({ ...sentinel, groups: mockGroups })

const SUITE_PORT = 6379
const HERE: ReadonlySet<string> = new Set(['localhost', '127.0.0.1'])

type Given = RedisOptions & { readonly host?: string; readonly port?: number }

const record: MadeByFile = {}
let made = madeIn('')
const clients = new Set<SentinelRedis>()

/** From now on, what is made is made by a test of this file. */
export function begin(file: string): void {
  made = madeIn(relative(settings.suite, file))
  clients.clear()
}

/** Ends the clients that the test has left, and keeps what a failed one still throws then from being the next one's. */
export async function finish(failed: boolean): Promise<void> {
  const end = async (): Promise<void> => {
    // A test may have put something else in its place.
    for (const client of clients) SentinelRedis.prototype.disconnect.call(client)
    await delay(failed ? AFTERMATH_MS : 0)
  }
  await (failed ? withoutListeners(['uncaughtException', 'unhandledRejection'], end) : end())
}

const AFTERMATH_MS = 50

function madeIn(file: string): Made {
  return (record[file] ??= { real: 0, mock: 0, refused: 0, plain: {} })
}

async function withoutListeners(events: readonly string[], work: () => Promise<void>): Promise<void> {
  const emitter: NodeJS.EventEmitter = process
  const removed = events.map((event) => [event, emitter.listeners(event) as (() => void)[]] as const)
  const ignore = (): void => undefined
  for (const event of events) emitter.removeAllListeners(event).on(event, ignore)
  await work()
  for (const [event, listeners] of removed) {
    emitter.off(event, ignore)
    for (const listener of listeners) emitter.on(event, listener)
  }
}

process.on('exit', () => {
  writeFileSync(settings.recordFile, JSON.stringify(record))
})

function make(args: readonly unknown[], newTarget: unknown): object {
  const given = givenOptions(args)
  const reason = plainReason(given)
  if (reason !== undefined) {
    made.plain[reason] = (made.plain[reason] ?? 0) + 1
    return new (IoRedis as unknown as new (...args: readonly unknown[]) => object)(...args)
  }
  const { host = 'localhost', port = SUITE_PORT, ...rest } = given
  const isReal = port === SUITE_PORT && HERE.has(host)
  const group = isReal ? settings.group : mockGroup(HERE.has(host) ? '127.0.0.1' : host, port)
  const options = { ...group, ...settings.client, ...rest } as SentinelRedisOptions
  try {
    const client = Reflect.construct(SentinelRedis, [options], newTarget as typeof SentinelRedis) as SentinelRedis
    clients.add(client)
    made[isReal ? 'real' : 'mock'] += 1
    return client
  } catch (error) {
    if (error instanceof ConfigurationError) made.refused += 1
    throw error
  }
}

/** As ioredis itself reads `(port, host, options)`, a URL or options; without its defaults. */
function givenOptions(args: readonly unknown[]): Given {
  const reader = Object.create(IoRedis.prototype) as { options: Given; parseOptions(...args: unknown[]): void }
  reader.parseOptions(...args)
  const defaults = (IoRedis as unknown as { readonly defaultOptions: Readonly<Record<string, unknown>> }).defaultOptions
  const { allowUsernameInURI: _ignored, protocol, ...rest } = reader.options as Record<string, unknown>
  // ioredis reads a number in a URL's query as text, and nothing of the other.
  const options = { ...rest, protocol: typeof protocol === 'string' ? Number(protocol) : protocol }
  return Object.fromEntries(Object.entries(options).filter(([name, value]) => value !== defaults[name]))
}

function plainReason(given: Given): string | undefined {
  if (given.sentinels) return 'ioredis’s own sentinel connector'
  if (given.path) return 'a Unix socket'
  if (given.Connector) return 'a connector of the test’s own'
  return undefined
}

function mockGroup(host: string, port: number): Pick<SentinelRedisOptions, 'name' | 'sentinels'> {
  const name = `${host}-${port}`
  mockGroups[name] ??= { primary: { host, port }, quorum: 1 }
  return { name, sentinels: [sentinel] }
}

/** SentinelRedis, constructed by what ioredis's Redis is constructed by. */
export const Redis: typeof SentinelRedis = new Proxy(SentinelRedis, {
  construct: (target, args, newTarget) => make(args, newTarget === Redis ? target : newTarget),
  get: (target, name, receiver) =>
    name === 'createClient'
      ? (...args: unknown[]) => make(args, target)
      : (Reflect.get(target, name, receiver) as unknown)
})
