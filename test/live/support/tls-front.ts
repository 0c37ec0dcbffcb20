import type { Address } from 'ioredis-sentinel/testkit'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { createServer } from 'node:tls'
import type { Server } from 'node:tls'
import type { Certificate } from '../../../src/testkit/certificates.js'
import { passOn } from './pass-on.js'

/** Speaks TLS, with a certificate that may be put in another one's place, in front of a server that speaks none. */
export class TlsFront {
  readonly #server: Server
  /** How many handshakes came to their end. */
  accepted = 0

  private constructor(server: Server) {
    this.#server = server
  }

  static async to(target: Address, certificate: Certificate): Promise<TlsFront> {
    const server = createServer(filesOf(certificate))
    const front = new TlsFront(server)
    server.on('secureConnection', (near) => {
      front.accepted += 1
      passOn(near, connect(target))
    })
    server.on('tlsClientError', () => undefined)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return front
  }

  get address(): Address {
    const bound = this.#server.address()
    if (bound === null || typeof bound === 'string') throw new Error('the front has no TCP port')
    return { host: '127.0.0.1', port: bound.port }
  }

  /** For connections from now on. */
  show(certificate: Certificate): void {
    this.#server.setSecureContext(filesOf(certificate))
  }

  close(): void {
    this.#server.close()
  }
}

function filesOf({ certFile, keyFile }: Certificate): { readonly cert: string; readonly key: string } {
  return { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') }
}
