import { connect as connectTcp, isIP } from 'node:net'
import type { OnReadOpts, Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { ConnectionOptions } from 'node:tls'
import type { Address } from '../protocol/address.js'

export interface DialSettings {
  readonly tls: ConnectionOptions | undefined
  readonly family: number | undefined
  /** Nagle's algorithm off; it is on only when the user says so. */
  readonly noDelay: boolean
}

/** What Node itself has room for in one read. */
const READ_BYTES = 65_536
/** Of all sockets: what is read into it is copied before anything else is read. */
let readBuffer: Buffer | undefined

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

/** Begins to connect. */
export function dial({ host, port }: Address, { tls, family, noDelay }: DialSettings): Socket {
  const options = { host, port, ...(family !== undefined && { family }) }
  if (tls !== undefined) {
    const servername = isIP(host) === 0 ? { servername: host } : {}
    return connectTls({ ...options, ...servername, ...tls }).setNoDelay(noDelay)
  }
  const socket: OwnSocket = connectTcp({ ...options, onread: readsInto(() => socket) })
  socket[HEARD] = () => undefined
  return socket.setNoDelay(noDelay)
}

/**
 * Node by itself allocates 64 KB for each read and gives most of it back, which for a short answer costs more than to read it
 * (node `src/stream_base.cc` EmitToJSStreamListener::OnStreamAlloc).
 */
function readsInto(ofSocket: () => OwnSocket): OnReadOpts {
  readBuffer ??= Buffer.allocUnsafeSlow(READ_BYTES)
  return {
    buffer: readBuffer,
    callback: (count, buffer) => {
      const chunk = Buffer.allocUnsafe(count)
      chunk.set(buffer.subarray(0, count))
      const socket = ofSocket()
      const goesOn = give(socket, chunk)
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
