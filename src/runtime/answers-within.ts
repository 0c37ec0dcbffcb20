import type { WireValue } from '../protocol/handshake.js'
import type { SideConnection } from './side-connection.js'

/**
 * The answers of one node; a node that does not answer in time, or before the signal is aborted, loses the connection. Error
 * replies are values.
 */
export async function answersWithin(
  ms: number,
  connection: Pick<SideConnection, 'ask' | 'close'>,
  commands: readonly (readonly string[])[],
  signal?: AbortSignal
): Promise<WireValue[]> {
  const close = (): void => {
    connection.close()
  }
  const timer = setTimeout(close, ms)
  signal?.addEventListener('abort', close, { once: true })
  if (signal?.aborted === true) close()
  try {
    return await connection.ask(...commands)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', close)
  }
}
