/** The process of one measured client. It does one task after the other, as it is told over IPC. */
import type { Calls } from './load-clients.js'
import { openCalls } from './load-clients.js'
import { allocation, closedLoop, pacedLoop } from './loops.js'
import type { FromLoad, Measured, Task, ToLoad } from './messages.js'

let calls: Calls | undefined

const send = (message: FromLoad): void => {
  process.send?.(message)
}

async function obey(message: ToLoad): Promise<Measured[Task['kind']] | null> {
  if (message.kind === 'open') {
    calls = await openCalls(message.client, message.place)
    return null
  }
  const call = calls?.[message.workload]
  if (call === undefined) throw new Error(`${message.kind} came before open`)
  switch (message.kind) {
    case 'closed':
      return closedLoop(call, message.depth, message.warmMs, message.ms)
    case 'paced':
      return pacedLoop(call, message.perSecond, message.warmMs, message.ms)
    case 'allocation':
      return allocation(call, message.depth, message.calls)
  }
}

process.on('message', (message: ToLoad) => {
  obey(message).then(
    (result) => {
      send({ kind: 'done', result })
    },
    (error: unknown) => {
      send({ kind: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    }
  )
})
process.on('disconnect', () => process.exit(0))
send({ kind: 'up' })
