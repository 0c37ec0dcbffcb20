import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:net'

export interface SocketPair extends Disposable {
  /** What is written to the far end is at the near one at once, and is read there when the event loop comes to it. */
  readonly near: Socket
  readonly far: Socket
}

/** Both ends of one connection. */
export async function socketPair(): Promise<SocketPair> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const accepted = once(server, 'connection') as Promise<[Socket]>
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [[far]] = await Promise.all([accepted, once(near, 'connect')])
  server.close()
  return {
    near,
    far,
    [Symbol.dispose]: () => {
      near.destroy()
      far.destroy()
    }
  }
}

export function busyFor(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}
