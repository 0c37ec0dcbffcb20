import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type LocalNode, type LocalTopology, startTopology } from 'ioredis-sentinel/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askServer } from '../../src/cli/ask-server.js'
import type { Finding } from '../../src/cli/doctor/rule.js'
import { CertificateAuthority } from '../../src/testkit/certificates.js'
import { Child } from './child.js'
import { COMMAND_LINE } from './support/command-line.js'
import { findings, keyOf } from './support/examined.js'
import { oddCertificate } from './support/odd-certificates.js'
import { NO_OUTSIDE, OUTSIDE } from './support/outside.js'
import { eventually } from './support/server-view.js'

const PASSWORD = 'doctor-secret'
const folder = mkdtempSync(join(tmpdir(), 'ioredis-sentinel-doctor-'))
const authorityFile = join(folder, 'ca.pem')
const strangerFile = join(folder, 'stranger.pem')

let group: LocalTopology

beforeAll(async () => {
  const [started, stranger] = await Promise.all([
    startTopology({
      password: PASSWORD,
      tls: true,
      downAfterMs: 20_000,
      failoverTimeoutMs: 15_000,
      config: { 'min-replicas-to-write': '1' }
    }),
    CertificateAuthority.create(join(folder, 'stranger'))
  ])
  group = started
  writeFileSync(authorityFile, group.ca ?? '')
  writeFileSync(strangerFile, stranger.ca)
})
afterAll(async () => {
  await group.stop()
  rmSync(folder, { recursive: true })
})

const found = (): Promise<readonly Finding[]> => {
  const tls = { ca: group.ca ?? '' }
  return findings({ url: group.url, options: { tls, sentinelTls: tls } })
}

/** Has the node show another certificate of the same authority, begun so many days from now and valid for one. */
async function shows(node: LocalNode, inDays: number): Promise<void> {
  const authority = join(dirname(node.directory), 'tls')
  const { certFile, keyFile } = await oddCertificate(authority, node.ip, `odd${inDays}`, { inDays })
  await node.command('CONFIG', 'SET', 'tls-cert-file', certFile, 'tls-key-file', keyFile)
}

describe('doctor over TLS', () => {
  it('finds nothing where all is well', async () => {
    await eventually(async () => expect(await found()).toEqual([]))
  })

  it('finds nothing of a certificate that is young, though it is valid for a day alone', async () => {
    const [, , replica] = group.nodes as [LocalNode, LocalNode, LocalNode]
    await shows(replica, 0)
    expect(await found()).toEqual([])
  })

  it('finds a certificate that ends soon, before it ends a connection', async () => {
    const [, , replica] = group.nodes as [LocalNode, LocalNode, LocalNode]
    await shows(replica, -0.9)
    const findings = await found()
    expect(findings.map(({ code, at }) => [code, at])).toEqual([['certificate-ends', keyOf(replica)]])
    expect(findings[0]?.evidence).toMatch(/valid for 2\.[34] h yet, of 24\.0 h$/)
    expect(findings[0]?.remedy).toContain(keyOf(replica))
  })

  it('finds one that has ended, which the other servers have not noticed yet', async () => {
    const [, , replica] = group.nodes as [LocalNode, LocalNode, LocalNode]
    await shows(replica, -2)
    const findings = await found()
    expect(findings.map(({ code, at }) => [code, at])).toEqual([['node-unreachable', keyOf(replica)]])
    expect(findings[0]?.evidence).toMatch(/^from here: certificate has expired; 127\..* says slave/)
    expect(findings[0]?.remedy).toMatch(/a certificate: give the authority that issued it \(--ca\), or renew it$/)
  })
})

it('a node with protected-mode on is told by its words to one from elsewhere, over TLS too', async (context) => {
  if (OUTSIDE === undefined) return context.skip(NO_OUTSIDE)
  const [, replica] = group.nodes as [LocalNode, LocalNode, LocalNode]
  const { ip, address } = replica
  const set = (password: string, mode: string, bind: string): Promise<unknown> =>
    replica.command('CONFIG', 'SET', 'requirepass', password, 'protected-mode', mode, 'bind', bind)
  await set('', 'yes', `${ip} ${OUTSIDE}`)
  try {
    const tls = { ca: group.ca ?? '', checkServerIdentity: () => undefined }
    const asked = { address: { host: OUTSIDE, port: address.port }, access: { tls }, timeoutMs: 1_500 }
    await expect(askServer(asked, (link) => link.ping())).rejects.toThrow(/^DENIED .*protected mode because /)
  } finally {
    await set(PASSWORD, 'no', ip)
  }
})

describe('the commands, told wrong things of TLS,', () => {
  const asked = async (...args: readonly string[]) => {
    await using child = new Child(COMMAND_LINE, [...args, '--timeout', '4000'])
    const exitCode = await child.ended()
    expect(`${child.stdout}${child.stderr}`).not.toContain(PASSWORD)
    return { exitCode, stdout: child.stdout, lastLine: child.stdout.trimEnd().split('\n').at(-1) ?? '' }
  }
  const keys = (): string => group.sentinels.map(keyOf).join(', ')

  it('say once what all sentinels say alike, and by which flag it is mended', async () => {
    const { exitCode, stdout } = await asked('doctor', '--url', group.url, '--ca', strangerFile, '--json')
    const { worst, problems } = JSON.parse(stdout) as { worst: string; problems: readonly string[] }
    expect([exitCode, worst, problems]).toEqual([
      3,
      'unreachable',
      [
        'no sentinel can be asked',
        expect.stringMatching(/^127\..*: shows a certificate that cannot be trusted: .* --ca\b/)
      ]
    ])
    expect(problems[1]?.startsWith(`${keys()}: `)).toBe(true)
  })

  it('name the flag where TLS is missing', async () => {
    const { exitCode, lastLine } = await asked('status', '--url', group.url.replace('rediss', 'redis'))
    expect(exitCode).toBe(3)
    expect(lastLine).toMatch(
      /^unreachable: no sentinel can be asked; 127\..*speaks TLS there.*--sentinel-tls or a rediss/
    )
    expect(lastLine.split('speaks TLS there')).toHaveLength(2)
  })

  it('name the flag where it is missing to the nodes alone', async () => {
    const args = ['failover', '--url', group.url.replace('rediss', 'redis'), '--sentinel-tls', '--ca', authorityFile]
    const { exitCode, stdout } = await asked(...args, '--yes', '--json')
    expect([exitCode, (JSON.parse(stdout) as { problem: string }).problem]).toEqual([
      3,
      expect.stringMatching(/speaks TLS there.*TLS to the nodes: --tls or a rediss/)
    ])
  })
})
