import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { encodeCommand, RespReader } from '../../../../src/testkit/resp.js'
import type { AskTarget } from './protocol.js'

/**
 * Sends commands together on a connection of their own, RESP2, and resolves with their replies.
 *
 * @throws Error with the server's words, or with what befell the connection.
 */
export function askRedis(
  { host, port, user, password, tls }: AskTarget,
  commands: readonly (readonly string[])[],
  timeoutMs: number
): Promise<unknown[]> {
  const auth = password === undefined ? [] : [user === undefined ? ['AUTH', password] : ['AUTH', user, password]]
  const sent = [...auth, ...commands]
  return new Promise((resolve, reject) => {
    const socket =
      tls === undefined
        ? connect({ host, port })
        : // The address of a pod is not in its certificate; who answers is proven by the names in it elsewhere.
          connectTls({ host, port, ...tls, checkServerIdentity: () => undefined })
    const reader = new RespReader()
    const replies: unknown[] = []
    const end = (error: Error): void => {
      clearTimeout(timer)
      socket.destroy()
      reject(error)
    }
    const timer = setTimeout(() => {
      end(new Error(`${host}:${port} gave no answer within ${timeoutMs} ms`))
    }, timeoutMs)
    socket.once('error', end)
    socket.once('close', () => {
      end(new Error(`${host}:${port} closed the connection`))
    })
    socket.on('data', (chunk: Buffer) => {
      replies.push(...reader.push(chunk))
      const refused = replies.find((reply) => reply instanceof Error)
      if (refused instanceof Error) return end(refused)
      if (replies.length < sent.length) return
      clearTimeout(timer)
      socket.destroy()
      resolve(replies.slice(auth.length))
    })
    for (const command of sent) socket.write(encodeCommand(command))
  })
}
