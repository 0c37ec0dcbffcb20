import type { ChainableCommander, Command, Redis } from 'ioredis'
import type { AnyRedis } from '../any-redis.js'
import { ConfigurationError } from '../../errors.js'
import { replaceable, viewOf } from '../ioredis-internals.js'
import type { Attempt } from './attempt.js'
import type { Transaction } from './transaction-types.js'

/** What is no command, and is the client's alone. */
const OF_THE_CLIENT: Readonly<Record<string, string>> = {
  pipeline:
    'reads that are called without waiting in between go out in one write: await Promise.all([tx.get(…), tx.get(…)])',
  exec: 'it belongs to tx.multi()',
  transaction: 'a transaction within a transaction would have a connection and a fate of its own',
  ...Object.fromEntries(
    (
      [
        ...[
          'with',
          'session',
          'failover',
          'stats',
          'duplicate',
          'connect',
          'disconnect',
          'close',
          'quit',
          'quitBuffer'
        ],
        ...['monitor', 'defineCommand', 'scanStream', 'scanBufferStream', 'hscanStream', 'hscanBufferStream'],
        ...['sscanStream', 'sscanBufferStream', 'zscanStream', 'zscanBufferStream']
      ] as const
    ).map((name) => [name, 'call it on the client'])
  )
}

/** What the callback gets: the client's own methods, whose commands go to the run. */
export function transactionView(client: AnyRedis, attempt: Attempt): Transaction {
  const { multi } = client as AnyRedis & { readonly multi: (this: AnyRedis, ...args: unknown[]) => unknown }
  const refused = Object.entries(OF_THE_CLIENT).map(([name, reason]): [string, PropertyDescriptor] => [
    name,
    replaceable(() => {
      throw new ConfigurationError(`transaction(): tx.${name}() cannot be called: ${reason}`)
    })
  ])
  const view = Object.create(client, {
    ...viewOf(client),
    ...Object.fromEntries(refused),
    // A batch is sent a tick later, behind what relies on it.
    options: replaceable({ ...client.options, enableAutoPipelining: false }),
    sendCommand: replaceable((command: Command) => attempt.send(command)),
    multi: replaceable((...args: unknown[]) => {
      const [first, second] = args
      const plain = [first, second].some((option) => (option as { pipeline?: unknown } | undefined)?.pipeline === false)
      if (plain)
        throw new ConfigurationError(
          'transaction(): tx.multi({ pipeline: false }) cannot be made: the writes are sent together, by tx.multi() … .exec()'
        )
      return attempt.multi(multi.apply(view, args) as ChainableCommander)
    })
  }) as Redis
  return view
}
