import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import { createLogUpdate } from 'log-update'
import type { SentinelRedis } from '../../index.js'
import { wholeMs } from '../arguments.js'
import { whenNobodyReads } from '../broken-output.js'
import { coloursFor } from '../colours.js'
import { parseReplication, type Replication } from '../status/facts.js'
import { addTargetFlags, openClient, readTarget, TARGET_HELP, type TargetFlags } from '../target.js'
import { frameOf } from './frame.js'
import { type Happening, listen } from './happenings.js'
import { treeOf } from './tree.js'
import { Troubles } from './troubles.js'

const HELP = `
On a terminal the topology is drawn and kept up to date, with as many of the last events below it as fit. Elsewhere, and with
--json, there is a line for each event.

${TARGET_HELP}

Exit codes:
  0  ended by ctrl-C, by --for, or because nobody reads any more
  2  wrong usage

Examples:
  ioredis-sentinel watch --sentinels 10.0.0.1:26379 --name mymaster
  ioredis-sentinel watch --url redis+sentinel://10.0.0.1:26379/mymaster --json | jq .event`

const ASK_EVERY_MS = 1_000
const DRAW_EVERY_MS = 250
const SHOWN_HAPPENINGS = 12

interface Flags extends TargetFlags {
  readonly for?: number
  readonly json?: boolean
}

/** `watch`: `finish` is given the exit code. */
export function watchCommand(finish: (exitCode: number) => void): Command {
  const command = new Command('watch').description('Shows a group as it is, and all that happens to it.')
  return addTargetFlags(command)
    .option('--for <ms>', 'end by itself after so long', wholeMs(100, 2 ** 31 - 1))
    .option('--json', 'a JSON object a line, on stdout')
    .addHelpText('after', HELP)
    .allowExcessArguments(false)
    .action(async (flags: Flags) => {
      const client = openClient(readTarget(flags, command), 'ioredis-sentinel-watch')
      const over = endOf(flags.for)
      try {
        await watch(client, flags, over)
      } finally {
        client.disconnect()
      }
      finish(0)
    })
}

/** Aborted by ctrl-C, by the time, or when the reader of the output is gone. */
function endOf(forMs: number | undefined): AbortSignal {
  const over = new AbortController()
  const end = (): void => over.abort()
  // For good: log-update restores the cursor by a listener that ends the process when it is the only one left.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end)
  whenNobodyReads(process.stdout, end)
  if (forMs !== undefined) setTimeout(end, forMs).unref()
  return over.signal
}

async function watch(client: SentinelRedis, { json }: Flags, over: AbortSignal): Promise<void> {
  const drawn = process.stdout.isTTY && json !== true
  const view = drawn ? new Drawing(client) : new Lines(json === true)
  // It goes on trying by itself.
  const troubles = new Troubles(client, (message) => {
    // What is still being tried when it is ended is no trouble.
    if (over.aborted) return
    view.happened({ at: Date.now(), event: 'trouble', text: message, isBad: true, data: { message } })
  })
  client.connect().catch(troubles.met)
  const silence = listen(client, (happening) => view.happened(happening))
  await Promise.all([askReplication(client, (replication) => (view.replication = replication), over), view.run(over)])
  silence()
  troubles.silence()
}

/** Asks the primary how far its replicas are, once a second. */
async function askReplication(
  client: SentinelRedis,
  onAnswer: (replication: Replication | undefined) => void,
  over: AbortSignal
): Promise<void> {
  while (!over.aborted) {
    const answer = client.status === 'ready' ? client.with({ deadlineMs: ASK_EVERY_MS }).info('replication') : undefined
    onAnswer(await answer?.then(parseReplication, () => undefined))
    await pause(ASK_EVERY_MS, over)
  }
}

/** A line for each event. */
class Lines {
  replication: Replication | undefined
  readonly #json: boolean

  constructor(json: boolean) {
    this.#json = json
  }

  happened({ at, event, text, data }: Happening): void {
    const time = new Date(at).toISOString()
    process.stdout.write(this.#json ? `${JSON.stringify({ at: time, event, ...data })}\n` : `${time}  ${text}\n`)
  }

  async run(over: AbortSignal): Promise<void> {
    await pause(2 ** 31 - 1, over)
  }
}

/** The tree, and the last events. */
class Drawing {
  replication: Replication | undefined
  readonly #client: SentinelRedis
  readonly #colour = coloursFor(process.stdout)
  readonly #draw = createLogUpdate(process.stdout)
  #happenings: readonly Happening[] = []

  constructor(client: SentinelRedis) {
    this.#client = client
  }

  happened(happening: Happening): void {
    this.#happenings = [...this.#happenings, happening].slice(-SHOWN_HAPPENINGS)
    this.#show()
  }

  async run(over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      this.#show()
      await pause(DRAW_EVERY_MS, over)
    }
    this.#draw.done()
  }

  #show(): void {
    const events = this.#happenings.map(
      ({ at, text }) => `${this.#colour.dim(new Date(at).toISOString().slice(11, 23))}  ${text}`
    )
    const tree = treeOf(this.#client.topology, this.replication, this.#colour)
    const { columns = 80, rows = 24 } = process.stdout
    this.#draw(frameOf(tree, events, { columns, rows }))
  }
}

async function pause(ms: number, over: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal: over }).catch(() => undefined)
}
