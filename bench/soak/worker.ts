// The process with the clients in it: does what the soak asks by messages, so that heap and sockets are the clients' own.
import type { Fleet } from './fleet.js'
import type { Calls } from './records.js'
import { ListenerCensus } from './resources/listener-census.js'
import type { AnswerMessage, CallMessage } from './worker-link.js'

// Before any client is made: it counts from then on.
const listeners = new ListenerCensus()
const fleets = await import('./fleet.js')
/** It takes some milliseconds, or for ever. */
const ENDS_WITHIN_MS = 3_000
let fleet: Fleet | undefined
let stopped = false

const CALLS: { readonly [Name in keyof Calls]: (argument: Calls[Name][0]) => Promise<Calls[Name][1]> } = {
  start: async (options) => {
    fleet = await fleets.Fleet.launch(options, listeners)
    return null
  },
  begin: async ({ step }) => {
    running().begin(step)
    return null
  },
  flow: async ({ acks, withinMs }) => {
    await running().flows(acks, withinMs)
    return null
  },
  finish: () => running().finish(),
  consumed: ({ left }) => running().consumed(left),
  sample: ({ objects }) => running().sample(objects),
  stop: async () => {
    stopped = true
    await running().close()
    return null
  }
}

function running(): Fleet {
  if (fleet === undefined) throw new Error('the worker was not started')
  return fleet
}

async function answer({ id, call, argument }: CallMessage): Promise<void> {
  const run = CALLS[call] as (argument: unknown) => Promise<unknown>
  let message: AnswerMessage
  try {
    message = { id, answer: await run(argument) }
  } catch (error) {
    message = { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
  process.send?.(message, () => {
    // Nothing but the clients may keep this process alive from now on.
    if (call !== 'stop') return
    process.disconnect()
    setTimeout(tellWhatHolds, ENDS_WITHIN_MS).unref()
  })
}

function tellWhatHolds(): void {
  console.error(`this process is kept alive by ${process.getActiveResourcesInfo().join(', ')}`)
}

process.on('message', (message) => {
  void answer(message as CallMessage)
})
process.on('disconnect', () => {
  // Whoever began it is gone, and nobody else ends it.
  if (!stopped) process.exit(4)
  process.channel?.unref()
})
process.on('unhandledRejection', (reason) => {
  console.error('unhandledRejection', reason)
  process.exitCode = 3
})
