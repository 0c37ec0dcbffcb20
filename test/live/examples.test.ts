import { get } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startTopology, type LocalTopology } from '../../src/testkit/index.js'
import { Child } from './child.js'

const PASSWORD = 'node-secret'
const KEY = 'list'

let topology: LocalTopology
let sentinels: string

beforeAll(async () => {
  topology = await startTopology({ name: 'orders', password: PASSWORD })
  sentinels = topology.sentinelAddresses.map(({ host, port }) => `${host}:${port}`).join(',')
})

afterAll(() => topology.stop())

function start(name: 'writer' | 'reader', env: Readonly<Record<string, string>> = {}): Child {
  return new Child(`examples/${name}.ts`, [], {
    REDIS_SENTINELS: sentinels,
    REDIS_NAME: 'orders',
    REDIS_PASSWORD: PASSWORD,
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: '0',
    KEY,
    ...env
  })
}

/** Where the program's HTTP server listens, as its log says. */
function portOf(child: Child): Promise<string> {
  return vi.waitFor(
    () => {
      const found = /"port":(\d+)/.exec(child.stdout)?.[1]
      if (found === undefined) throw new Error(`no port in the log: ${child.stdout}${child.stderr}`)
      return found
    },
    { timeout: 15_000 }
  )
}

async function http(child: Child, path: string): Promise<{ status: number; body: string }> {
  const port = await portOf(child)
  return new Promise((resolve, reject) => {
    get(`http://127.0.0.1:${port}${path}`, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject)
    }).on('error', reject)
  })
}

async function metric(child: Child, sample: string): Promise<number> {
  const { body } = await http(child, '/metrics')
  const line = body.split('\n').find((one) => one.startsWith(`${sample} `))
  return Number(line?.slice(sample.length + 1) ?? 0)
}

/** The writer's last log line tells how many it issued. */
function issuedBy(child: Child): { write: number; heartbeat: number } {
  const line = child.stdout.split('\n').find((one) => one.includes('"msg":"ended"'))
  return (JSON.parse(line ?? '{}') as { issued: { write: number; heartbeat: number } }).issued
}

describe('the examples', () => {
  it('write and read, tell how it goes, and end on SIGTERM with everything answered', async () => {
    await using writer = start('writer', { WRITER_ID: 'w' })
    await using reader = start('reader')
    await vi.waitFor(
      async () => expect(await metric(writer, 'example_writes_total{kind="write",outcome="ok"}')).toBeGreaterThan(100),
      20_000
    )
    await vi.waitFor(
      async () => expect(await metric(reader, 'example_reads_total{outcome="ok"}')).toBeGreaterThan(100),
      20_000
    )
    for (const child of [writer, reader]) expect(await http(child, '/healthz')).toEqual({ status: 200, body: 'ok\n' })
    expect(await http(reader, '/elsewhere')).toMatchObject({ status: 404 })
    expect(await metric(reader, 'example_read_staleness_seconds_count')).toBeGreaterThan(100)
    expect(await metric(reader, 'example_reads_total{outcome="failed"}')).toBe(0)
    await vi.waitFor(async () => expect(await metric(writer, 'example_writes_held')).toBe(0), 20_000)

    writer.process.kill('SIGTERM')
    reader.process.kill('SIGINT')
    expect(await writer.ended()).toBe(0)
    expect(await reader.ended()).toBe(0)

    const list = (await (await topology.primary()).command('LRANGE', KEY, '0', '-1')) as string[]
    const { write } = issuedBy(writer)
    expect(list).toEqual(Array.from({ length: write }, (_, index) => `w:${index + 1}`))
    for (const line of writer.stdout.trimEnd().split('\n')) expect(() => void JSON.parse(line)).not.toThrow()
    expect(writer.stdout + reader.stdout).not.toContain(PASSWORD)
  })

  it('keep no more of the list than KEEP says', async () => {
    await using writer = start('writer', { KEY: 'short', KEEP: '100', RATE: '6000', LOG_LEVEL: 'warn' })
    const primary = await topology.primary()
    const length = async (): Promise<number> => Number(await primary.command('LLEN', 'short'))
    await vi.waitFor(async () => expect(await length()).toBeGreaterThan(5000), 20_000)
    await vi.waitFor(async () => expect(await length()).toBeLessThan(5000), { timeout: 20_000, interval: 5 })
    writer.process.kill('SIGTERM')
    expect(await writer.ended()).toBe(0)
  })

  it('are not healthy while there is nothing to connect to, say why, and end all the same', async () => {
    await using writer = start('writer', { REDIS_SENTINELS: '127.0.0.1:1' })
    const { status, body } = await http(writer, '/healthz')
    expect(status).toBe(503)
    expect(body).toMatch(/^not connected/)
    writer.process.kill('SIGTERM')
    expect(await writer.ended()).toBe(0)
  })

  it('are not healthy when nothing is answered any more, and are again when it is', async () => {
    await using reader = start('reader', { STALL_MS: '300' })
    await vi.waitFor(async () => expect((await http(reader, '/healthz')).status).toBe(200), 20_000)
    await Promise.all(topology.nodes.map((node) => node.freeze()))
    try {
      await vi.waitFor(async () => {
        const { status, body } = await http(reader, '/healthz')
        expect(status).toBe(503)
        expect(body).toMatch(/^no read was answered for \d+ ms, the topology is /)
      }, 20_000)
    } finally {
      await Promise.all(topology.nodes.map((node) => node.thaw()))
    }
    await vi.waitFor(async () => expect((await http(reader, '/healthz')).status).toBe(200), 30_000)
    reader.process.kill('SIGTERM')
    expect(await reader.ended()).toBe(0)
  })

  it.each(['writer', 'reader'] as const)('refuse wrong settings, all at once: %s', async (name) => {
    await using child = start(name, { REDIS_SENTINELS: 'a:0', REDIS_NAME: '', RATE: 'fast' })
    expect(await child.ended()).toBe(2)
    expect(child.stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(new RegExp(`^${name}: REDIS_SENTINELS has "a:0"`)),
      expect.stringMatching(new RegExp(`^${name}: REDIS_NAME is not set`)),
      expect.stringMatching(new RegExp(`^${name}: RATE is "fast"`))
    ])
  })

  it('say it when their port is taken', async () => {
    await using writer = start('writer')
    const port = await portOf(writer)
    await using reader = start('reader', { HTTP_PORT: port })
    expect(await reader.ended()).toBe(2)
    expect(reader.stderr).toMatch(/^reader: HTTP_HOST and HTTP_PORT: .*EADDRINUSE.*HTTP_PORT=0 takes a free one\n$/)
    writer.process.kill('SIGTERM')
    expect(await writer.ended()).toBe(0)
  })

  it('refuse what only the client can judge', async () => {
    await using reader = start('reader', { READ_FROM: 'replicas' })
    expect(await reader.ended()).toBe(2)
    expect(reader.stderr).toMatch(/^reader: option "readFrom" is "replicas"; allowed: .*replicaPreferred/)
  })
})
