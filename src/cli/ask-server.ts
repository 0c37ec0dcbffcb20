import { Redis } from 'ioredis'
import type { Address } from '../index.js'
import type { ServerAccess } from './access.js'
import { hearRefusal } from './hear-refusal.js'

/** Whom to ask, as whom, and how long each step may take. */
export interface Asked {
  readonly address: Address
  readonly access: ServerAccess
  readonly timeoutMs: number
  /** How the connection calls itself. */
  readonly connectionName?: string
}

/**
 * Asks one server on a connection of its own that is never made again, and ends it.
 *
 * @throws what ioredis throws: the server's words, or why it was not reached.
 */
export async function askServer<T>(asked: Asked, questions: (link: Redis) => Promise<T>): Promise<T> {
  const { address, access, timeoutMs, connectionName } = asked
  const link = new Redis({
    host: address.host,
    port: address.port,
    ...access,
    ...(connectionName !== undefined && { connectionName }),
    lazyConnect: true,
    enableReadyCheck: false,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null
  })
  let reason: Error | undefined
  link.on('error', (error: Error) => (reason = error))
  try {
    await link.connect()
    return await questions(link)
  } catch (error) {
    // connect() itself only says that the connection is closed.
    const why = reason ?? (error as Error)
    const refusal = wasCut(why) ? await hearRefusal(address, access.tls) : undefined
    throw refusal === undefined ? why : new Error(refusal)
  } finally {
    link.disconnect()
  }
}

/** Whether the server closed the connection. Where it said why before, ioredis took that for the answer to a question of its own, or did not read it. */
function wasCut({ code, message }: NodeJS.ErrnoException): boolean {
  return code === 'ECONNRESET' || code === 'EPIPE' || message === 'Connection is closed.'
}
