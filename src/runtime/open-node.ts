import type { Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { AccessError } from '../errors.js'
import { isTlsAlert, refusedAccess, withoutArguments } from '../protocol/access.js'
import type { Route } from '../protocol/address.js'
import type { Credentials, NodeRole, WireValue } from '../protocol/handshake.js'
import { clientIdIn, encodeGreeting, GreetingReader, roleIn, WireError, zoneIn } from '../protocol/handshake.js'
import type { Access } from './access.js'
import { accessError } from './access-errors.js'
import { orAborted } from './backoff.js'
import type { OpenError, OpenSettings } from './open-socket.js'
import { wrongProtocol, OpenNodeError, openSocket, socketTrouble } from './open-socket.js'

export interface NodeSettings extends OpenSettings {
  readonly protocol: 2 | 3
}

export interface OpenSocket {
  readonly socket: Socket
  /** What the node calls this connection, in CLIENT LIST. */
  readonly clientId: number | undefined
  /** Where the node says that it is. */
  readonly zone: string | undefined
  /** How often credentials had been renewed when those of this connection were asked for. */
  readonly renewals: number
}

export interface OpenNode extends OpenSocket {
  readonly role: NodeRole
}

/**
 * Connects, greets, and tells the role: one round trip after the connection. The socket comes paused and without listeners.
 * Rejects with OpenError, or with the signal's reason when aborted; then nothing stays open.
 */
export async function openNode(route: Route, settings: NodeSettings, signal: AbortSignal): Promise<OpenNode> {
  signal.throwIfAborted()
  const { access } = settings
  const { renewals } = access.credentials
  const credentials = await given(access.credentials.get(), signal)
  const tls = await given(access.tls(route), signal)
  const greeted = await connectAndGreet(route, { credentials, tls }, settings, signal)
  return { ...greeted, renewals }
}

/** At once where nothing has to be waited for. */
function given<Value>(value: Value | Promise<Value>, signal: AbortSignal): Value | Promise<Value> {
  return value instanceof Promise ? orAborted(value, signal) : value
}

interface Entry {
  readonly credentials: Credentials
  readonly tls: ConnectionOptions | undefined
}

async function connectAndGreet(
  route: Route,
  { credentials, tls }: Entry,
  settings: NodeSettings,
  signal: AbortSignal
): Promise<Omit<OpenNode, 'renewals'>> {
  const { access, connectTimeoutMs } = settings
  const until = performance.now() + connectTimeoutMs
  const socket = await openSocket(route, tls, settings, signal)
  return new Promise((resolve, reject) => {
    const reader = new GreetingReader()
    const answers: WireValue[] = []
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
    const timer = setTimeout(
      () => {
        fail(new OpenNodeError('silent', route, `does not answer within ${connectTimeoutMs} ms`))
      },
      Math.max(1, until - performance.now())
    )
    signal.addEventListener('abort', abort, { once: true })
    /** One that has no room, or lets nobody in, says so and closes, whatever it was asked. */
    const ended = (otherwise: () => OpenError): void => {
      fail(problemIn(route, access, answers) ?? otherwise())
    }
    socket.once('error', (error) => {
      ended(() => socketTrouble(route, access, error, true))
    })
    socket.once('close', () => {
      const what = 'closed the connection during the greeting'
      ended(() => wrongProtocol(route, access) ?? new OpenNodeError('unreachable', route, what))
    })
    socket.on('data', (chunk: Buffer) => {
      try {
        answers.push(...reader.push(chunk))
      } catch (error) {
        fail(
          !access.usesTls && isTlsAlert(chunk)
            ? accessError({ hop: access.hop, reason: 'needs-tls', route, what: 'answers by a TLS alert' })
            : new OpenNodeError('alien', route, 'does not speak RESP', error)
        )
        return
      }
      if (answers.length < 2) return
      const problem = problemIn(route, access, answers)
      if (problem !== undefined) {
        if (problem instanceof AccessError) access.credentials.refused(credentials)
        fail(problem)
        return
      }
      const [hello] = answers
      const role = roleIn(hello)
      if (role === undefined) {
        fail(new OpenNodeError('alien', route, 'tells no role in its answer to HELLO'))
        return
      }
      access.credentials.accepted()
      socket.pause()
      finish(() => {
        resolve({ socket, role, clientId: clientIdIn(hello), zone: zoneIn(hello) })
      })
    })
    socket.write(encodeGreeting(settings.protocol, credentials))
    if (signal.aborted) abort()
  })
}

function ignore(): void {
  /* The next owner of the socket attaches its own listeners; an error in between shows as its close. */
}

function problemIn(route: Route, { hop }: Access, answers: readonly WireValue[]): OpenError | undefined {
  const [hello, ping] = answers
  if (hello instanceof WireError) {
    const words = withoutArguments(hello.message)
    const what = `answers HELLO with "${words}"`
    const reason = refusedAccess(words)
    if (reason !== undefined) return accessError({ hop, reason, route, what })
    return new OpenNodeError(/max number of clients/.test(words) ? 'busy' : 'alien', route, what)
  }
  if (!(ping instanceof WireError)) return undefined
  const words = withoutArguments(ping.message)
  const what = `answers "${words}"`
  const reason = refusedAccess(words)
  // A user without +ping may still do its work.
  if (reason !== undefined && reason !== 'no-permission') return accessError({ hop, reason, route, what })
  return /^(LOADING|MASTERDOWN|BUSY)/.test(words) ? new OpenNodeError('busy', route, what) : undefined
}
