import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askServer } from '../../src/cli/ask-server.js'
import { type Certificate, CertificateAuthority } from '../../src/testkit/certificates.js'

const HOST = '127.0.0.1'
const WORDS = 'DENIED Redis is running in protected mode. 1) Just disable it.'
const folder = mkdtempSync(join(tmpdir(), 'ioredis-sentinel-refused-'))
let authority: CertificateAuthority
let certificate: Certificate

beforeAll(async () => {
  authority = await CertificateAuthority.create(folder)
  certificate = await authority.issue(HOST, 'refusing')
})
afterAll(() => rmSync(folder, { recursive: true }))

/** What is told of a server that does this with each connection. */
async function told(treat: (socket: Socket) => unknown, tls: boolean): Promise<string> {
  const serve = (socket: Socket): unknown => treat(socket.on('error', () => undefined))
  const server: Server = tls
    ? createTlsServer({ cert: readFileSync(certificate.certFile), key: readFileSync(certificate.keyFile) }, serve)
    : createServer(serve)
  await once(server.listen(0, HOST), 'listening')
  const { port } = server.address() as AddressInfo
  const asked = {
    address: { host: HOST, port },
    access: tls ? { tls: { ca: authority.ca } } : {},
    timeoutMs: 5_000,
    connectionName: 'asked'
  }
  try {
    return await askServer(asked, (link) => link.ping()).catch((error: Error) => error.message)
  } finally {
    server.close()
  }
}

const CLOSED = /^(Connection is closed\.|write EPIPE|(read|write) ECONNRESET)$/

describe.each([
  ['', false],
  [' over TLS', true]
])('a server%s that takes no connection', (_, tls) => {
  it('is told by its words', async () => {
    expect(await told((socket) => socket.end(`-${WORDS}\r\n`), tls)).toBe(WORDS)
  })

  it('the same when they come in two parts', async () => {
    const inParts = (socket: Socket): unknown =>
      socket.write(`-${WORDS.slice(0, 20)}`, () => socket.end(`${WORDS.slice(20)}\r\n`))
    expect(await told(inParts, tls)).toBe(WORDS)
  })

  it.each([
    ['says nothing', (socket: Socket) => socket.end()],
    ['closes it when it is asked', (socket: Socket) => socket.once('data', () => socket.end())],
    ['says no error', (socket: Socket) => socket.end('+HELLO\r\n')],
    ['says more than one line', (socket: Socket) => socket.end(`-${WORDS}\r\n+OK\r\n`)]
  ])('but not when it %s', async (_said, treat) => {
    expect(await told(treat, tls)).toMatch(CLOSED)
  })
})
