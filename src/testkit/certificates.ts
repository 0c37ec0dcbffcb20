import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
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

/** Certificate authorities that live as long as the topology, one after the other, made by `openssl`. */
export class CertificateAuthority {
  readonly #directory: string
  #trusted: readonly string[] = []
  #made = 0

  private constructor(directory: string) {
    this.#directory = directory
  }

  /** @throws ConfigurationError when there is no `openssl` on PATH. */
  static async create(directory: string): Promise<CertificateAuthority> {
    await mkdir(directory, { recursive: true })
    const authority = new CertificateAuthority(directory)
    await authority.succeed()
    return authority
  }

  /** PEM of all authorities that are trusted now, for a client's `tls: { ca }`. */
  get ca(): string {
    return this.#trusted.join('')
  }

  /** The next authority signs from now on; those before are trusted still. Servers have to be told to read their files again. */
  async succeed(): Promise<void> {
    this.#made += 1
    const subject = ['-subj', `/CN=testkit CA ${this.#made}`, '-days', '30']
    const { certFile, keyFile } = this.#signer
    await openssl(['req', '-x509', ...KEY, ...subject, '-keyout', keyFile, '-out', certFile])
    await this.#trust([...this.#trusted, await readFile(certFile, 'utf8')])
  }

  /** None but the newest authority is trusted from now on. */
  async forgetOthers(): Promise<void> {
    await this.#trust(this.#trusted.slice(-1))
  }

  /** A certificate for one host, valid for that name or IP address and for no other, from now over so many days. One of the same `name` is replaced. */
  async issue(host: string, name: string, days = 30): Promise<Certificate> {
    const file = (end: string): string => join(this.#directory, `${name}.${end}`)
    const { certFile, keyFile } = this.#signer
    await openssl(['req', ...KEY, '-subj', `/CN=${name}`, '-keyout', file('key'), '-out', file('csr')])
    await writeFile(file('ext'), `subjectAltName=${isIP(host) === 0 ? 'DNS' : 'IP'}:${host}\n`)
    await openssl([
      ...['x509', '-req', '-days', String(days), '-in', file('csr'), '-out', file('crt'), '-extfile', file('ext')],
      ...['-CA', certFile, '-CAkey', keyFile],
      ...['-set_serial', `0x${Buffer.from(name).toString('hex').slice(0, 38)}`]
    ])
    return { certFile: file('crt'), keyFile: file('key'), caFile: this.#caFile }
  }

  get #signer(): { readonly certFile: string; readonly keyFile: string } {
    const file = join(this.#directory, `ca-${this.#made}`)
    return { certFile: `${file}.crt`, keyFile: `${file}.key` }
  }

  get #caFile(): string {
    return join(this.#directory, 'ca.crt')
  }

  async #trust(authorities: readonly string[]): Promise<void> {
    this.#trusted = authorities
    await writeFile(this.#caFile, this.ca)
  }
}

async function openssl(args: readonly string[]): Promise<void> {
  await run('openssl', args).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    throw new ConfigurationError('startTopology: tls needs the openssl command to make certificates; none is on PATH')
  })
}
