import type { Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import type { AccessReason } from '../protocol/access.js'
import { failedTls } from '../protocol/access.js'
import type { Address, Route } from '../protocol/address.js'
import { formatRoute } from '../protocol/address.js'
import { AccessError } from '../errors.js'
import type { Access } from './access.js'
import { accessError } from './access-errors.js'
import { dial } from './dial.js'
import { whatItSpeaks } from './wrong-protocol.js'

/** `unreachable`: no connection, or it broke. `silent`: connected, no answer in time. `busy`: it answers, and serves nobody yet (LOADING). `alien`: it is no Redis of version 6.2 or later. */
export type OpenFailure = 'unreachable' | 'silent' | 'busy' | 'alien'

/** A server could not be connected to, for another reason than that it does not let this client in. */
export class OpenNodeError extends Error {
  readonly kind: OpenFailure
  readonly endpoint: Address
  /** The message without the server's name. */
  readonly what: string

  constructor(kind: OpenFailure, route: Route, what: string, cause?: unknown) {
    super(`${formatRoute(route)} ${what}`, cause === undefined ? undefined : { cause })
    this.name = 'OpenNodeError'
    this.kind = kind
    this.what = what
    this.endpoint = route.announced
  }
}

export type OpenError = OpenNodeError | AccessError

export function isOpenError(error: unknown): error is OpenError {
  return error instanceof OpenNodeError || error instanceof AccessError
}

export interface OpenSettings {
  readonly access: Access
  readonly family: number | undefined
  readonly noDelay: boolean
  /** For connecting, and for what is waited for behind that. */
  readonly connectTimeoutMs: number
}

/** A socket that is connected, and its certificate verified. Rejects with OpenError, or with the signal's reason. */
export function openSocket(
  route: Route,
  tls: ConnectionOptions | undefined,
  settings: OpenSettings,
  signal: AbortSignal
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const { access, connectTimeoutMs } = settings
    const socket = beginTo(route, tls, settings)
    let reached = false
    const finish = (outcome: () => void): void => {
      clearTimeout(timer)
      clearTimeout(doubt)
      signal.removeEventListener('abort', abort)
      socket.removeAllListeners()
      outcome()
    }
    const fail = (error: unknown): void => {
      finish(() => {
        socket.on('error', ignore)
        socket.destroy()
        reject(error instanceof Error ? error : new Error(String(error)))
      })
    }
    const abort = (): void => {
      fail(signal.reason)
    }
    const timer = setTimeout(() => {
      const late = new OpenNodeError('unreachable', route, `cannot be reached within ${connectTimeoutMs} ms`)
      fail(reached ? (wrongProtocol(route, access) ?? late) : late)
    }, connectTimeoutMs)
    // A server without TLS waits for the end of a line that never comes, and says nothing.
    const doubt = setTimeout(() => {
      if (reached && tls !== undefined) whatItSpeaks(route)
    }, connectTimeoutMs / 2)
    signal.addEventListener('abort', abort, { once: true })
    socket.once('connect', () => {
      reached = true
    })
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
      finish(() => {
        resolve(socket)
      })
    })
    socket.once('error', (error) => {
      fail(socketTrouble(route, access, error, reached))
    })
    socket.once('close', () => {
      fail(wrongProtocol(route, access) ?? new OpenNodeError('unreachable', route, 'closed the connection'))
    })
  })
}

/** The error of a socket, in words that name the server; `reached`: its connection had been accepted. */
export function socketTrouble(route: Route, access: Access, error: NodeJS.ErrnoException, reached: boolean): OpenError {
  const reason = failedTls(error.code)
  if (reason !== undefined)
    return accessError({ hop: access.hop, reason, route, what: describe(reason, error), cause: error })
  const wrong = reached ? wrongProtocol(route, access) : undefined
  return wrong ?? new OpenNodeError('unreachable', route, `cannot be reached: ${error.message}`, error)
}

/** The connection was accepted, and ended or fell silent before a word was said: it may speak something else. */
export function wrongProtocol(route: Route, access: Access): AccessError | undefined {
  const spoken = whatItSpeaks(route)
  if (access.usesTls && spoken === 'plain')
    return accessError({ hop: access.hop, reason: 'no-tls', route, what: 'answers no TLS handshake' })
  if (!access.usesTls && spoken === 'tls')
    return accessError({ hop: access.hop, reason: 'needs-tls', route, what: 'ends connections that begin without TLS' })
  return undefined
}

function describe(reason: AccessReason, error: NodeJS.ErrnoException): string {
  // OpenSSL's own errors have a line of its source in them.
  const said = /:SSL routines:[^:]*:([^:]*):/.exec(error.message)?.[1] ?? error.message.trim()
  if (reason === 'client-certificate') return `refuses the TLS handshake: ${said}`
  if (reason === 'no-tls') return `answers no TLS handshake: ${said}`
  const words = said.replace(/\.+$/, '')
  return `shows a certificate that cannot be trusted: ${words} (${error.code ?? 'unknown'})`
}

function beginTo(route: Route, tls: ConnectionOptions | undefined, settings: OpenSettings): Socket {
  const { family, noDelay, access } = settings
  try {
    return dial(route, { tls, family, noDelay })
  } catch (error) {
    const { message } = error as Error
    throw accessError({
      hop: access.hop,
      reason: 'tls-failed',
      route,
      what: `is not connected to: its options of node:tls cannot be used: ${message}`,
      cause: error
    })
  }
}

function ignore(): void {
  /* It is given up. */
}
