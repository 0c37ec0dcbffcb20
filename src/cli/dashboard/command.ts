import { Command } from 'commander'
import { whole, wholeMs } from '../arguments.js'
import { ENDING_SIGNALS } from '../ending-signals.js'
import { addTargetFlags, openClient, readTarget, TARGET_HELP, type TargetFlags } from '../target.js'
import { tellFailure } from '../tell-problem.js'
import { failoversOnly } from './fault-kits.js'
import { serveDashboard } from './serve.js'

const HELP = `
Only this machine can open the page, by the URL that is printed: it has a token in it that is new each time.

It reads. With --load it also writes one key of its own, ioredis-sentinel:dashboard, which expires. With --allow-faults the page
has buttons that move the primary; it asks first. "ioredis-sentinel local --dashboard" has all faults, on servers of its own.

${TARGET_HELP}

Exit codes:
  0  ended by ctrl-C, or by --for
  1  the page cannot be served; the last line says why
  2  wrong usage

Examples:
  ioredis-sentinel local --dashboard
  ioredis-sentinel dashboard --sentinels 10.0.0.1:26379 --name mymaster
  ssh -L 8080:127.0.0.1:8080 bastion ioredis-sentinel dashboard --port 8080 --url redis+sentinel://10.0.0.1:26379/mymaster`

interface Flags extends TargetFlags {
  readonly port: number
  readonly load: number
  readonly allowFaults?: boolean
  readonly for?: number
  readonly json?: boolean
}

/** `dashboard`: `finish` is given the exit code. */
export function dashboardCommand(finish: (exitCode: number) => void): Command {
  const command = new Command('dashboard').description(
    'Serves a page that shows a group as it is, to this machine only.'
  )
  return addTargetFlags(command)
    .option('--port <n>', 'port on 127.0.0.1; 0 takes a free one', whole(0, 65_535), 0)
    .option('--load <n>', 'writes a second to a key of its own, and as many reads', whole(0, 1000), 0)
    .option('--allow-faults', 'buttons that move the primary')
    .option('--for <ms>', 'end by itself after so long', wholeMs(100, 2 ** 31 - 1))
    .option('--json', 'one JSON object on stdout when it is served')
    .addHelpText('after', HELP)
    .allowExcessArguments(false)
    .action(async (flags: Flags) => {
      finish(await run(flags, command))
    })
}

async function run(flags: Flags, command: Command): Promise<number> {
  const over = endOf(flags.for)
  const client = openClient(readTarget(flags, command), 'ioredis-sentinel-dashboard')
  try {
    const { url, stop } = await serveDashboard({
      client,
      load: flags.load,
      port: flags.port,
      ...(flags.allowFaults === true && { faults: failoversOnly(client) })
    })
    process.stdout.write(flags.json ? `${JSON.stringify({ url })}\n` : `dashboard  ${url}\nctrl-C ends it\n`)
    await over
    await stop()
    return 0
  } catch (error) {
    tellFailure((error as Error).message, flags.json === true)
    return 1
  }
}

async function endOf(forMs: number | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ENDING_SIGNALS) process.once(signal, resolve)
    if (forMs !== undefined) setTimeout(resolve, forMs).unref()
  })
}
