import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { injectFault, startTopology, type LocalTopology } from '../../src/testkit/index.js'
import { Child } from './child.js'

/**
 * The two requests of the API server that the program makes, with its answers and its refusal of another token. A real one cannot
 * run here.
 */
class Pods {
  readonly labelled = new Set<string>()
  /** Who had the label after each change. */
  readonly history: string[][] = []
  readonly server: Server

  constructor(readonly addresses: ReadonlyMap<string, string>) {
    this.server = createServer((request, response) => {
      void text(request).then((body) => {
        const { status, answer } = this.answer(
          request.method ?? '',
          request.url ?? '',
          request.headers.authorization,
          body
        )
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
      })
    }).listen(0, '127.0.0.1')
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  private answer(
    method: string,
    url: string,
    token: string | undefined,
    body: string
  ): { status: number; answer: unknown } {
    if (token !== 'Bearer letmein') return { status: 401, answer: { reason: 'Unauthorized' } }
    if (method === 'GET' && url === '/api/v1/namespaces/shop/pods?labelSelector=app.kubernetes.io%2Fname%3Dredis') {
      const items = [...this.addresses].map(([name, podIP]) => ({
        metadata: { name, labels: this.labelled.has(name) ? { 'redis-role': 'primary' } : {} },
        status: { podIP }
      }))
      return { status: 200, answer: { items } }
    }
    const name = /^\/api\/v1\/namespaces\/shop\/pods\/([^/]+)$/.exec(url)?.[1]
    if (method !== 'PATCH' || name === undefined) return { status: 404, answer: { reason: `${method} ${url}` } }
    const patch = JSON.parse(body) as { metadata: { labels: { 'redis-role': string | null } } }
    if (patch.metadata.labels['redis-role'] === 'primary') this.labelled.add(name)
    else this.labelled.delete(name)
    this.history.push([...this.labelled])
    return { status: 200, answer: {} }
  }
}

let topology: LocalTopology
let pods: Pods
let folder: string

beforeAll(async () => {
  topology = await startTopology({ downAfterMs: 1000 })
  pods = new Pods(new Map(topology.nodes.map(({ address }, index) => [`redis-${index}`, address.host])))
  await once(pods.server, 'listening')
  folder = mkdtempSync(join(tmpdir(), 'label-'))
  writeFileSync(join(folder, 'token'), 'letmein\n')
})

afterAll(async () => {
  pods.server.closeAllConnections()
  pods.server.close()
  rmSync(folder, { recursive: true })
  await topology.stop()
})

it(
  'the label follows the primary, is never on two pods, and is taken from one that should not have it',
  { timeout: 120_000 },
  async () => {
    pods.labelled.add('redis-1')
    await using labeller = new Child('examples/label-primary.ts', [], {
      REDIS_URL: topology.url,
      HTTP_HOST: '127.0.0.1',
      HTTP_PORT: '0',
      API_URL: pods.url,
      POD_NAMESPACE: 'shop',
      TOKEN_FILE: join(folder, 'token')
    })
    await vi.waitFor(() => expect([...pods.labelled], labeller.stdout).toEqual(['redis-0']), { timeout: 20_000 })

    await injectFault(topology, 'kill')
    await vi.waitFor(
      () => expect([...pods.labelled], labeller.stdout).toEqual([expect.stringMatching(/^redis-[12]$/)]),
      {
        // When the sentinels did not agree they begin anew after 20 s.
        timeout: 45_000
      }
    )
    expect(pods.history.filter((labelled) => labelled.length > 1)).toEqual([])

    labeller.process.kill('SIGTERM')
    expect(await labeller.ended(), labeller.stdout + labeller.stderr).toBe(0)
  }
)
