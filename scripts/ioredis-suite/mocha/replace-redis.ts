import Module from 'node:module'
import { join, sep } from 'node:path'
import { greetingMockServer, type MockServerClass } from './greeting-mock-server.js'
import { SETTINGS_VARIABLE, type Settings } from './settings.js'

/**
 * Required by mocha before the suite: where a test imports ioredis's Redis it gets SentinelRedis, and where it imports the mock
 * server, one that greets as a server does. ioredis's own modules, and Cluster with them, go on using ioredis's Redis. SentinelRedis
 * itself extends the suite's ioredis, so there is one only.
 */
interface Loader {
  _load: (request: string, parent: { readonly filename?: string } | undefined, isMain: boolean) => unknown
  _resolveFilename: (request: string, parent: unknown, isMain: boolean) => string
}

interface Client {
  readonly Redis: unknown
  readonly begin: (file: string) => void
  readonly finish: (failed: boolean) => Promise<void>
}

const settings = JSON.parse(process.env[SETTINGS_VARIABLE] ?? '{}') as Settings
const inSuite = (path: string): string => join(settings.suite, path)
const tests = inSuite('test') + sep
const loader = Module as unknown as Loader
const { _load: load, _resolveFilename: resolve } = loader

const client = (): Client => load(settings.clientFile, undefined, false) as Client

const replaced: Readonly<Record<string, (found: object) => object>> = {
  [inSuite('lib/Redis.ts')]: (found) => over(found, { default: client().Redis }),
  [inSuite('lib/index.ts')]: (found) => over(found, { default: client().Redis, Redis: client().Redis }),
  [inSuite('test/helpers/mock_server.ts')]: (found) =>
    over(found, { default: mockServer((found as { default: MockServerClass }).default) })
}

const mockServers = new Map<MockServerClass, MockServerClass>()

function mockServer(found: MockServerClass): MockServerClass {
  const made = mockServers.get(found) ?? greetingMockServer(found)
  mockServers.set(found, made)
  return made
}

function over(found: object, values: Record<string, unknown>): object {
  const descriptors = Object.entries(values).map(([name, value]) => [name, { value, enumerable: true }] as const)
  return Object.create(found, Object.fromEntries(descriptors)) as object
}

/** It empties the server after each test, and tests nothing. */
const tidying = inSuite('test/helpers/global.ts')

loader._load = (request, parent, isMain) => {
  if (request === 'ioredis') return load(inSuite('lib/index.ts'), parent, isMain)
  const found = load(request, parent, isMain)
  const by = parent?.filename
  if (by === undefined || !by.startsWith(tests) || by === tidying) return found
  return replaced[resolve(request, parent, isMain)]?.(found as object) ?? found
}

interface HookContext {
  readonly currentTest?: { readonly file?: string; readonly state?: string }
}

export const mochaHooks = {
  beforeEach(this: HookContext): void {
    client().begin(this.currentTest?.file ?? '')
  },
  afterEach(this: HookContext): Promise<void> {
    return client().finish(this.currentTest?.state === 'failed')
  }
}
