/** The process of one measured client: opened, set going and stopped by a lane, over IPC. */
import { type Attempt, Ledger, ReadProbe } from 'ioredis-sentinel/testkit'
import { errorCode } from '../../src/testkit/ledger/error-code.js'
import { openTraffic, type Traffic } from './clients.js'
import { EVERY_MS, type FromClient, READ_VALUE, type Sent, type ToClient } from './messages.js'

const TELL_EVERY_MS = 25

let traffic: Traffic | undefined
let apart = false
let load: { readonly ledger: Ledger; readonly probe: ReadProbe; readonly tell: NodeJS.Timeout } | undefined

const send = (message: FromClient): void => {
  process.send?.(message)
}

async function obey(message: ToClient): Promise<void> {
  switch (message.kind) {
    case 'open':
      traffic = await openTraffic(message.client, message)
      send({ kind: 'open' })
      return
    case 'go':
      go()
      return
    case 'apart':
      apart = true
      send({ kind: 'apart' })
      return
    case 'stop':
      await stop(message.limitMs)
  }
}

function go(): void {
  if (traffic === undefined) throw new Error('go came before open')
  const { write, read, readApart } = traffic
  let [acked, readsOk] = [0, 0]
  const ledger = new Ledger({
    everyMs: EVERY_MS,
    write,
    onSettled: ({ outcome }) => {
      if (outcome === 'acked') acked += 1
    }
  })
  const probe = new ReadProbe({
    everyMs: EVERY_MS,
    read: async () => {
      const value = await (apart ? readApart() : read())
      if (value !== READ_VALUE) throw Object.assign(new Error(`read ${String(value)}`), { code: 'WRONG_VALUE' })
    },
    onSettled: ({ outcome }) => {
      if (outcome === 'ok') readsOk += 1
    }
  })
  const tell = setInterval(() => {
    send({ kind: 'progress', acked, readsOk })
  }, TELL_EVERY_MS)
  load = { ledger, probe, tell }
}

async function stop(limitMs: number): Promise<void> {
  if (load === undefined) throw new Error('stop came before go')
  const { ledger, probe, tell } = load
  await Promise.all([ledger.stop(limitMs), probe.stop(limitMs)])
  clearInterval(tell)
  send({ kind: 'result', writes: ledger.entries.map(packed), reads: probe.entries.map(packed) })
}

function packed<Entry extends Attempt<string>>({ error, ...entry }: Entry): Sent<Entry> {
  return { ...entry, ...(error !== undefined && { code: named(error) }) }
}

/** Many errors of node-redis have neither a code nor a name of their own. */
function named(error: unknown): string {
  const code = errorCode(error)
  return code === 'Error' && error instanceof Error
    ? error.message.replaceAll(/[\d.:]{7,}/g, 'ADDRESS').slice(0, 80)
    : code
}

process.on('message', (message: ToClient) => {
  obey(message).catch((error: unknown) => {
    send({ kind: 'trouble', message: (error as Error).message })
  })
})
process.on('disconnect', () => process.exit(0))
// What a client throws where nobody can catch it must not end the run: it shows in the figures.
process.on('unhandledRejection', () => undefined)
send({ kind: 'up' })
