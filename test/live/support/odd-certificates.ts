import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Certificate } from '../../../src/testkit/certificates.js'

const run = promisify(execFile)
const DAY_MS = 24 * 3_600_000

export interface Oddity {
  /** Days from now on which it begins to be valid; 0 is now. */
  readonly inDays?: number
  /** Further lines of its extensions, as openssl reads them. */
  readonly extensions?: string
}

/** A certificate for this address by the first authority of a CertificateAuthority's folder that is no good, as CertificateAuthority gives none. */
export async function oddCertificate(
  authorityFolder: string,
  host: string,
  name: string,
  { inDays = 0, extensions = '' }: Oddity
): Promise<Certificate> {
  const folder = join(authorityFolder, name)
  mkdirSync(join(folder, 'issued'), { recursive: true })
  const file = (end: string): string => join(folder, end)
  writeFileSync(file('index.txt'), '')
  writeFileSync(file('serial'), '01\n')
  writeFileSync(
    file('ca.cnf'),
    [
      ...['[ca]', 'default_ca = own', '[own]', `database = ${file('index.txt')}`, `serial = ${file('serial')}`],
      ...[
        `new_certs_dir = ${file('issued')}`,
        'default_md = sha256',
        'policy = any',
        '[any]',
        'commonName = supplied',
        ''
      ]
    ].join('\n')
  )
  writeFileSync(file('ext'), `subjectAltName=IP:${host}\n${extensions}\n`)
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', file('key')]
  await run('openssl', ['req', ...key, '-subj', `/CN=${name}`, '-out', file('csr')])
  await run('openssl', [
    ...['ca', '-batch', '-notext', '-config', file('ca.cnf'), '-in', file('csr'), '-out', file('crt')],
    ...['-cert', join(authorityFolder, 'ca-1.crt'), '-keyfile', join(authorityFolder, 'ca-1.key')],
    ...['-startdate', asn1Time(inDays), '-enddate', asn1Time(inDays + 1), '-extfile', file('ext')]
  ])
  return { certFile: file('crt'), keyFile: file('key'), caFile: join(authorityFolder, 'ca.crt') }
}

/** As openssl takes a time: `YYYYMMDDHHMMSSZ`. */
function asn1Time(inDays: number): string {
  return `${new Date(Date.now() + inDays * DAY_MS).toISOString().slice(0, 19).replaceAll(/\D/g, '')}Z`
}
