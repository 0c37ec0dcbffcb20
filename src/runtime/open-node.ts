import type { Socket } from 'node:net'
import type { Address } from '../protocol/address.js'
import { formatAddress } from '../protocol/address.js'
import type { Credentials, NodeRole } from '../protocol/handshake.js'
import { clientIdIn, encodeGreeting, GreetingReader, roleIn, WireError, zoneIn } from '../protocol/handshake.js'
import type { DialSettings } from './dial.js'
import { dial } from './dial.js'

export interface NodeSettings extends DialSettings {
  readonly credentials: Credentials
  readonly protocol: 2 | 3
  /** For connecting and for the greeting's answer together. */
  readonly connectTimeoutMs: number
}

export interface OpenSocket {
  readonly socket: Socket
  /** What the node calls this connection, in CLIENT LIST. */
  readonly clientId: number | undefined
  /** Where the node says that it is. */
  readonly zone: string | undefined
}

export interface OpenNode extends OpenSocket {
  readonly role: NodeRole
}

/**
 * `unreachable`: no connection, or it broke. `silent`: connected, no answer in time. `busy`: it answers, and serves nobody yet
 * (LOADING). `auth`: it refuses the credentials. `tls`: the handshake failed. `alien`: it is no Redis of version 6.2 or later.
 */
export type OpenFailure = 'unreachable' | 'silent' | 'busy' | 'auth' | 'tls' | 'alien'

export class OpenNodeError extends Error {
  readonly kind: OpenFailure
  readonly endpoint: Address

  constructor(kind: OpenFailure, endpoint: Address, message: string, cause?: unknown) {
    super(`${formatAddress(endpoint)} ${message}`, cause === undefined ? undefined : { cause })
    this.name = 'OpenNodeError'
    this.kind = kind
    this.endpoint = endpoint
  }
}

/**
 * Connects, greets, and tells the role: one round trip after the connection. The socket comes paused and without listeners.
 * Rejects with OpenNodeError, or with the signal's reason when aborted; then nothing stays open.
 */
export function openNode(address: Address, settings: NodeSettings, signal: AbortSignal): Promise<OpenNode> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const socket = dial(address, settings)
    const reader = new GreetingReader()
    let connected = false
    const answers: unknown[] = []

    const finish = (outcome: () => void): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
      socket.removeAllListeners()
      socket.on('error', ignore)
      outcome()
    }
    const fail = (error: unknown): void => {
      finish(() => {
        socket.destroy()
        reject(error instanceof Error ? error : new Error(String(error)))
      })
    }
    const abort = (): void => {
      fail(signal.reason)
    }
    const timer = setTimeout(() => {
      fail(
        new OpenNodeError(
          connected ? 'silent' : 'unreachable',
          address,
          `${connected ? 'does not answer' : 'cannot be reached'} within ${settings.connectTimeoutMs} ms`
        )
      )
    }, settings.connectTimeoutMs)
    signal.addEventListener('abort', abort, { once: true })

    socket.once(settings.tls === undefined ? 'connect' : 'secureConnect', () => {
      connected = true
      socket.write(encodeGreeting(settings.protocol, settings.credentials))
    })
    socket.once('error', (error: NodeJS.ErrnoException) => {
      fail(
        new OpenNodeError(
          isTlsError(error) ? 'tls' : 'unreachable',
          address,
          `cannot be reached: ${error.message}`,
          error
        )
      )
    })
    socket.once('close', () => {
      fail(new OpenNodeError('unreachable', address, 'closed the connection during the greeting'))
    })
    socket.on('data', (chunk: Buffer) => {
      try {
        answers.push(...reader.push(chunk))
      } catch (error) {
        fail(new OpenNodeError('alien', address, 'does not speak RESP', error))
        return
      }
      if (answers.length < 2) return
      const problem = problemIn(address, answers)
      if (problem !== undefined) {
        fail(problem)
        return
      }
      const role = roleIn(answers[0] as Parameters<typeof roleIn>[0])
      if (role === undefined) {
        fail(new OpenNodeError('alien', address, 'tells no role in its answer to HELLO'))
        return
      }
      socket.pause()
      finish(() => {
        const hello = answers[0] as Parameters<typeof roleIn>[0]
        resolve({ socket, role, clientId: clientIdIn(hello), zone: zoneIn(hello) })
      })
    })
  })
}

function ignore(): void {
  /* The next owner of the socket attaches its own listeners; an error in between shows as its close. */
}

function problemIn(address: Address, answers: readonly unknown[]): OpenNodeError | undefined {
  const [hello, ping] = answers
  if (hello instanceof WireError) {
    const kind = /^(WRONGPASS|NOAUTH|NOPERM|ERR AUTH)/.test(hello.message) ? 'auth' : 'alien'
    return new OpenNodeError(kind, address, `answers HELLO with "${hello.message}"`)
  }
  if (!(ping instanceof WireError)) return undefined
  if (/^(NOAUTH|WRONGPASS)/.test(ping.message)) return new OpenNodeError('auth', address, `answers "${ping.message}"`)
  // A user without +ping may still do its work.
  return /^(LOADING|MASTERDOWN|BUSY)/.test(ping.message)
    ? new OpenNodeError('busy', address, `answers "${ping.message}"`)
    : undefined
}

function isTlsError(error: NodeJS.ErrnoException): boolean {
  return /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO)/.test(error.code ?? '')
}
