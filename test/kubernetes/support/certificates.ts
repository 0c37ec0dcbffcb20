import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Secret } from '../harness/manifests/objects.js'

const openssl = (...args: string[]): Promise<unknown> => promisify(execFile)('openssl', args)
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

/** In the place of cert-manager: an authority, and as many certificates by it as are asked for. */
export class Authority {
  readonly #folder: string
  #serial = 1

  private constructor(folder: string) {
    this.#folder = folder
  }

  static async create(): Promise<Authority> {
    const folder = mkdtempSync(join(tmpdir(), 'ioredis-sentinel-authority-'))
    const files = ['-keyout', join(folder, 'ca.key'), '-out', join(folder, 'ca.crt')]
    await openssl('req', '-x509', ...KEY, '-subj', '/CN=harness', '-days', '2', ...files)
    return new Authority(folder)
  }

  /** A new key and certificate for these names, as the Secret that cert-manager would write. */
  async issue(name: string, namespace: string, dnsNames: readonly string[]): Promise<Secret> {
    const file = (end: string): string => join(this.#folder, end)
    this.#serial += 1
    await openssl('req', ...KEY, '-subj', '/CN=redis', '-keyout', file('tls.key'), '-out', file('tls.csr'))
    writeFileSync(file('names'), `subjectAltName=${dnsNames.map((each) => `DNS:${each}`).join(',')}\n`)
    const signed = ['-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-set_serial', String(this.#serial)]
    const out = ['-in', file('tls.csr'), '-out', file('tls.crt'), '-extfile', file('names'), '-days', '2']
    await openssl('x509', '-req', ...out, ...signed)
    const data = Object.fromEntries(
      ['tls.crt', 'tls.key', 'ca.crt'].map((key) => [key, readFileSync(file(key)).toString('base64')])
    )
    return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, data }
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
