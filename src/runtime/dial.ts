import { connect as connectTcp, isIP } from 'node:net'
import type { OnReadOpts, Socket } from 'node:net'
import { checkServerIdentity, connect as connectTls, createSecureContext } from 'node:tls'
import type { ConnectionOptions } from 'node:tls'
import type { Route } from '../protocol/address.js'

export interface DialSettings {
  readonly tls: ConnectionOptions | undefined
  readonly family: number | undefined
  /** Nagle's algorithm off; it is on only when the user says so. */
  readonly noDelay: boolean
}

/** What Node itself has room for in one read. */
const READ_BYTES = 65_536
/** So much at once is given on as it was read, and not copied. */
const MUCH = READ_BYTES / 2
/** Of all sockets that read little at a time: what is read into it is copied before anything else is read. */
let sharedBuffer: Buffer | undefined

/** Called when something was read from this socket and has been given on. */
const HEARD: unique symbol = Symbol('heard')

interface OwnSocket extends Socket {
  [HEARD]?: () => void
}

/** Has `listener` called after each read from the socket: as one more listener of `data` would be, for less. One a socket. */
export function onHeard(socket: OwnSocket, listener: () => void): void {
  if (HEARD in socket) socket[HEARD] = listener
  else socket.on('data', listener)
}

/** Begins to connect. Throws what node:tls throws when its options cannot be used. */
export function dial(route: Route, { tls, family, noDelay }: DialSettings): Socket {
  const { host, port } = route.reached
  const options = { host, port, ...(family !== undefined && { family }) }
  if (tls !== undefined) return connectTls({ ...options, ...identityIn(route), ...opaque(tls) }).setNoDelay(noDelay)
  const socket: OwnSocket = connectTcp({ ...options, onread: readsInto(() => socket) })
  socket[HEARD] = () => undefined
  return socket.setNoDelay(noDelay)
}

/** A TLS socket keeps the options that it was made with, and shows them when it is printed: keys go into a context, which shows nothing. */
function opaque(tls: ConnectionOptions): ConnectionOptions {
  const { key: _key, cert: _cert, pfx: _pfx, passphrase: _passphrase, ...rest } = tls
  return { ...rest, secureContext: tls.secureContext ?? createSecureContext(tls) }
}

/**
 * Whom the certificate has to name: the server as it is announced, wherever the way to it leads. Certificates are made for names, so
 * where an address map gives a name for an announced IP address, it is that name.
 */
export function verifiedHost({ announced, reached }: Route): string {
  return isIP(announced.host) !== 0 && isIP(reached.host) === 0 ? reached.host : announced.host
}

/** An IP address is never sent as a server's name (RFC 6066 section 3), only compared. */
function identityIn(route: Route): Pick<ConnectionOptions, 'servername' | 'checkServerIdentity'> {
  const host = verifiedHost(route)
  if (isIP(host) === 0) return { servername: host }
  if (host === route.reached.host) return {}
  return { checkServerIdentity: (_reached, certificate) => checkServerIdentity(host, certificate) }
}

/**
 * Node by itself allocates 64 KB for each read and gives most of it back, which for a short answer costs more than to read it
 * (node `src/stream_base.cc` EmitToJSStreamListener::OnStreamAlloc). A socket that once reads much has buffers of its own from then
 * on: those that it fills are given away.
 */
function readsInto(ofSocket: () => OwnSocket): OnReadOpts {
  let isOwn = false
  let next: Buffer | undefined = (sharedBuffer ??= Buffer.allocUnsafeSlow(READ_BYTES))
  const take = (count: number, buffer: Uint8Array): Buffer => {
    if (count >= MUCH) {
      next = Buffer.allocUnsafeSlow(READ_BYTES)
      if (isOwn) return buffer.subarray(0, count) as Buffer
      isOwn = true
    }
    const chunk = Buffer.allocUnsafe(count)
    chunk.set(buffer.subarray(0, count))
    return chunk
  }
  return {
    // Asked before the first read and after each one; without an answer Node goes on with the last one (`lib/internal/stream_base_commons.js` onStreamRead).
    buffer: () => {
      const given = next
      next = undefined
      return given as Buffer
    },
    callback: (count, buffer) => {
      const socket = ofSocket()
      const goesOn = give(socket, take(count, buffer))
      socket[HEARD]?.()
      return goesOn
    }
  }
}

/** As push() does when somebody listens and nothing waits, without asking the stream for more at the end of the tick. */
function give(socket: Socket, chunk: Buffer): boolean {
  if (socket.readableFlowing !== true || socket.readableLength > 0) return socket.push(chunk)
  socket.emit('data', chunk)
  return true
}
