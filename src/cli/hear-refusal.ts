import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Address } from '../index.js'
import type { ServerAccess } from './access.js'

/** Who refuses says so at once. */
const LONGEST_SILENCE_MS = 1_000

/**
 * What a server says to a connection that it does not take, before it closes it: redis `src/networking.c`, protected-mode and too many
 * clients. Undefined where it says nothing of that kind. Nothing is asked there: who writes to what is closed already may lose what it has
 * not read yet.
 */
export async function hearRefusal({ host, port }: Address, tls: ServerAccess['tls']): Promise<string | undefined> {
  const socket = tls === undefined ? connect({ host, port }) : connectTls({ host, port, ...tls })
  let said = ''
  socket.on('data', (chunk: Buffer) => (said += chunk.toString('latin1')))
  socket.on('error', () => undefined)
  socket.setTimeout(LONGEST_SILENCE_MS, () => socket.destroy())
  await new Promise((resolve) => socket.once('close', resolve))
  return /^-([^\r\n]*)\r\n$/.exec(said)?.[1]
}
