import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ConfigurationError } from '../errors.js'

export interface Certificate {
  readonly certFile: string
  readonly keyFile: string
  readonly caFile: string
}

const run = promisify(execFile)
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

/** A certificate authority that lives as long as the topology, made by `openssl`. */
export class CertificateAuthority {
  /** PEM of the CA, for a client's `tls: { ca }`. */
  readonly ca: string
  readonly #directory: string

  private constructor(directory: string, ca: string) {
    this.#directory = directory
    this.ca = ca
  }

  /** @throws ConfigurationError when there is no `openssl` on PATH. */
  static async create(directory: string): Promise<CertificateAuthority> {
    await mkdir(directory, { recursive: true })
    const subject = ['-subj', '/CN=testkit CA', '-days', '30']
    const files = ['-keyout', join(directory, 'ca.key'), '-out', join(directory, 'ca.crt')]
    await openssl(['req', '-x509', ...KEY, ...subject, ...files])
    return new CertificateAuthority(directory, await readFile(join(directory, 'ca.crt'), 'utf8'))
  }

  /** A certificate for one address, valid for that IP address and for no other. */
  async issue(host: string, name: string): Promise<Certificate> {
    const file = (end: string): string => join(this.#directory, `${name}.${end}`)
    await openssl(['req', ...KEY, '-subj', `/CN=${name}`, '-keyout', file('key'), '-out', file('csr')])
    await writeFile(file('ext'), `subjectAltName=IP:${host}\n`)
    await openssl([
      ...['x509', '-req', '-days', '30', '-in', file('csr'), '-out', file('crt'), '-extfile', file('ext')],
      ...['-CA', this.#caFile('crt'), '-CAkey', this.#caFile('key')],
      ...['-set_serial', `0x${Buffer.from(name).toString('hex').slice(0, 38)}`]
    ])
    return { certFile: file('crt'), keyFile: file('key'), caFile: this.#caFile('crt') }
  }

  #caFile(end: string): string {
    return join(this.#directory, `ca.${end}`)
  }
}

async function openssl(args: readonly string[]): Promise<void> {
  await run('openssl', args).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    throw new ConfigurationError('startTopology: tls needs the openssl command to make certificates; none is on PATH')
  })
}
