import type { Address } from 'ioredis-sentinel/testkit'
import { connect, createServer } from 'node:net'
import type { Server } from 'node:net'

/** Passes all bytes on to a TLS server, and keeps the server name (SNI) with which each connection began; undefined for none. */
export class SniRecorder {
  readonly names: (string | undefined)[] = []
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  /** Listens at once; the server need not be there yet. */
  static at(listen: Address, target: Address): SniRecorder {
    const server = createServer()
    const recorder = new SniRecorder(server)
    server.on('connection', (near) => {
      const far = connect(target)
      for (const [from, to] of [[near, far] as const, [far, near] as const]) {
        from.on('error', () => undefined)
        from.on('close', () => to.destroy())
      }
      near.once('data', (hello: Buffer) => {
        if (hello[0] === 22) recorder.names.push(serverNameIn(hello))
        far.write(hello)
        near.pipe(far)
      })
      far.pipe(near)
    })
    server.listen(listen)
    return recorder
  }

  get address(): Address {
    const bound = this.#server.address()
    if (bound === null || typeof bound === 'string') throw new Error('the recorder has no TCP port')
    return { host: bound.address, port: bound.port }
  }

  close(): void {
    this.#server.close()
  }
}

/** The name in a ClientHello (RFC 8446 section 4.1.2, RFC 6066 section 3). */
function serverNameIn(record: Buffer): string | undefined {
  // Record header 5, handshake header 4, version 2, random 32.
  let at = 43
  at += 1 + record.readUInt8(at)
  at += 2 + record.readUInt16BE(at)
  at += 1 + record.readUInt8(at)
  const end = at + 2 + record.readUInt16BE(at)
  for (at += 2; at + 4 <= end; at += 4 + record.readUInt16BE(at + 2)) {
    // Extension header 4, length of the list 2, kind 1, length of the name 2.
    if (record.readUInt16BE(at) === 0) return record.toString('latin1', at + 9, at + 9 + record.readUInt16BE(at + 7))
  }
  return undefined
}
