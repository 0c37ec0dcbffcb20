import { connect, createServer, type Server } from 'node:net'
import type { Address } from 'ioredis-sentinel/testkit'

/** Where the suite looks for its server, and cannot be told otherwise. */
export const SUITE_ADDRESS: Address = { host: '127.0.0.1', port: 6379 }

/** Hands connections to the suite's own address on to the primary: some tests open sockets themselves. */
export async function forward(target: Address): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ ...target, allowHalfOpen: true })
    for (const [from, to] of [
      [near, far],
      [far, near]
    ] as const) {
      from.setNoDelay(true)
      from.on('error', () => to.destroy())
      from.on('close', () => to.destroy())
      from.pipe(to)
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const { host, port } = SUITE_ADDRESS
      reject(
        error.code === 'EADDRINUSE'
          ? new Error(
              `the suite needs ${host}:${port}, which is taken; a network of its own: unshare --net --map-root-user`
            )
          : error
      )
    })
    server.listen(SUITE_ADDRESS, resolve)
  })
  return server
}
