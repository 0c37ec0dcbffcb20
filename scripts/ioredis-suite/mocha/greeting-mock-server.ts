import type { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'

export type Handler = (words: string[], socket: Socket, flags: object) => unknown

export interface MockServer extends EventEmitter {
  handler?: Handler | undefined
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- TypeScript wants it of a class that is extended like this
export type MockServerClass = new (...args: any[]) => MockServer

/** What a primary answers to HELLO. */
const HELLO_REPLY = [
  ...['server', 'redis', 'version', '7.0.15', 'proto', 3, 'id', 1],
  ...['mode', 'standalone', 'role', 'master', 'modules', []]
]

/** By instance: the base class sets `handler` before a subclass can have fields. */
const handlers = new WeakMap<MockServer, Handler | undefined>()
const greeted = new WeakSet<Socket>()

/**
 * The suite's mock server answers OK to HELLO, which tells no role, and SentinelRedis writes to nobody who does not say that it is a
 * primary. This one says so, unless the test answers HELLO itself; and it answers the PING that comes with that HELLO, of which the
 * test knows nothing. ioredis writes the names of commands in small letters, and the tests compare them so.
 */
export function greetingMockServer(Base: MockServerClass): MockServerClass {
  class GreetingMockServer extends Base {
    constructor(...args: ConstructorParameters<MockServerClass>) {
      super(...(args as unknown[]))
      // SentinelRedis destroys connections instead of ending them, and what is written to one then fails here.
      this.on('connect', (socket: Socket) => socket.on('error', () => undefined))
    }

    override get handler(): Handler | undefined {
      return (words, socket, flags) => answer(handlers.get(this), words, socket, flags)
    }

    override set handler(handler: Handler | undefined) {
      handlers.set(this, handler)
    }
  }
  return GreetingMockServer
}

function answer(handler: Handler | undefined, words: string[], socket: Socket, flags: object): unknown {
  const [name] = words
  if (name === 'HELLO') {
    greeted.add(socket)
    const given = handler?.(['hello', ...words.slice(1)], socket, flags)
    return given === undefined || given === '+OK' || given === 'OK' ? HELLO_REPLY : given
  }
  if (name === 'PING' && greeted.delete(socket)) return 'PONG'
  return handler?.(words, socket, flags)
}
