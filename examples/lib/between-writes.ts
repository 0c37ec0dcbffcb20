import { preciseNow } from './pace.js'
import type { ProgramContext } from './program.js'
import type { Outstanding } from './outstanding.js'

/** What the parent process may ask for. */
export interface BetweenWritesRequest {
  readonly type: 'between-writes'
}

/** Makes a call now, or once the pause is over. */
export type InTurn = <T>(call: () => Promise<T>) => Promise<T>

/**
 * Lets the demo kill a server between two writes, since nobody can know what became of those on the wire. On its request
 * new calls wait, and when the earlier ones have settled it is told that all is quiet. The pause ends when the client has
 * lost its connection.
 */
export function betweenWrites({ redis, settings, reporter }: ProgramContext, outstanding: Outstanding): InTurn {
  let pause: Promise<void> | undefined
  const begin = async (): Promise<void> => {
    pause = new Promise<void>((resolve) => redis.once('close', () => resolve())).then(() => {
      pause = undefined
      reporter.send({ type: 'goes-on', at: preciseNow() })
    })
    await outstanding.settled()
    reporter.send({ type: 'quiet', at: preciseNow() })
  }
  if (settings.report === 'ipc') {
    process.on('message', (message: BetweenWritesRequest) => {
      if (message.type === 'between-writes' && pause === undefined) void begin()
    })
  }
  return (call) => (pause === undefined ? call() : pause.then(call))
}
