import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import { ConfigurationError } from '../../index.js'
import { formatAddress } from '../address.js'
import { whole, wholeMs } from '../arguments.js'
import { localFaults } from '../dashboard/fault-kits.js'
import { type Dashboard, serveDashboard } from '../dashboard/serve.js'
import { ENDING_SIGNALS } from '../ending-signals.js'
import { openClient } from '../target.js'
import { tellFailure } from '../tell-problem.js'
import { type LocalTopology, startTopology } from '../../testkit/index.js'

const HELP = `
Every server is a process of its own on an address of its own in 127.0.0.0/8, with its files in a temporary folder; all of it is gone
when this command ends, however it ends.

With --dashboard it also serves a page that shows the group, with a button for each fault that can be done to it.

Exit codes:
  0  ended by ctrl-C
  1  it could not be started; the last line says why
  2  wrong usage

Examples:
  ioredis-sentinel local
  ioredis-sentinel local --dashboard
  REDIS_PASSWORD=secret ioredis-sentinel local --replicas 3 --tls`

interface Flags {
  readonly name: string
  readonly replicas: number
  readonly sentinels: number
  readonly downAfter: number
  readonly password?: string
  readonly sentinelPassword?: string
  readonly tls?: boolean
  readonly server?: string
  readonly dashboard?: boolean
  readonly port: number
  readonly load: number
  readonly json?: boolean
}

/** `local`: `finish` is given the exit code. */
export function localCommand(finish: (exitCode: number) => void): Command {
  const command = new Command('local')
  return command
    .description('Runs a group of real servers on this machine until ctrl-C, to try things on.')
    .option('--name <name>', 'what the sentinels call the group', 'mymaster')
    .option('--replicas <n>', 'how many replicas', whole(0, 50), 2)
    .option('--sentinels <n>', 'how many sentinels', whole(1, 50), 3)
    .option(
      '--down-after <ms>',
      'silence after which a sentinel holds a node to be down',
      wholeMs(100, 3_600_000),
      1000
    )
    .addOption(new Option('--password <password>', 'password that the nodes require').env('REDIS_PASSWORD'))
    .addOption(
      new Option('--sentinel-password <password>', 'password that the sentinels require').env('REDIS_SENTINEL_PASSWORD')
    )
    .option('--tls', 'TLS only, with certificates made for this run')
    .option('--server <path>', 'redis-server or valkey-server; default: the one in PATH')
    .option('--dashboard', 'serve a page that shows the group, to this machine only')
    .option('--port <n>', 'port of the dashboard on 127.0.0.1; 0 takes a free one', whole(0, 65_535), 0)
    .option('--load <n>', 'writes a second that the dashboard makes, and as many reads', whole(0, 1000), 50)
    .option('--json', 'one JSON object on stdout when all is up')
    .addHelpText('after', HELP)
    .allowExcessArguments(false)
    .action(async (flags: Flags) => {
      check(flags, command)
      finish(await run(flags))
    })
}

function check({ dashboard }: Flags, command: Command): void {
  if (dashboard === true) return
  for (const option of ['port', 'load'] as const)
    if (command.getOptionValueSource(option) === 'cli')
      throw new ConfigurationError(
        `--${option} is given without --dashboard: it is of the page that --dashboard serves`
      )
}

async function run(flags: Flags): Promise<number> {
  const interrupted = signalled()
  let topology: LocalTopology
  try {
    topology = await startTopology({
      name: flags.name,
      replicas: flags.replicas,
      sentinels: flags.sentinels,
      downAfterMs: flags.downAfter,
      ...(flags.password !== undefined && { password: flags.password }),
      ...(flags.sentinelPassword !== undefined && { sentinelPassword: flags.sentinelPassword }),
      ...(flags.tls === true && { tls: true }),
      ...(flags.server !== undefined && { serverBinary: flags.server })
    })
  } catch (error) {
    tellFailure((error as Error).message, flags.json === true)
    return 1
  }
  let dashboard: Dashboard | undefined
  try {
    const ca = writeAuthority(topology)
    if (flags.dashboard === true) dashboard = await serveLocal(topology, flags)
    const url = dashboard?.url
    process.stdout.write(flags.json ? `${JSON.stringify(describe(topology, ca, url))}\n` : inWords(topology, ca, url))
    await interrupted
  } catch (error) {
    tellFailure((error as Error).message, flags.json === true)
    return 1
  } finally {
    await dashboard?.stop()
    await topology.stop()
  }
  return 0
}

/** For good: a second ctrl-C would end this process while it cleans up. */
async function signalled(): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ENDING_SIGNALS)
      process.on(signal, () => {
        resolve()
      })
  })
}

/** In a folder of the topology, which is removed whatever ends this process. Undefined without TLS. */
function writeAuthority({ ca, nodes: [first] }: LocalTopology): string | undefined {
  if (ca === undefined || first === undefined) return undefined
  const path = join(first.directory, 'ca.pem')
  writeFileSync(path, ca)
  return path
}

async function serveLocal(topology: LocalTopology, { port, load, downAfter }: Flags): Promise<Dashboard> {
  const { url, ca } = topology
  const options = ca === undefined ? {} : { tls: { ca }, sentinelTls: { ca } }
  const client = openClient({ url, options, timeoutMs: downAfter + 5_000 }, 'ioredis-sentinel-dashboard')
  return serveDashboard({ client, port, load, faults: await localFaults(topology) })
}

function describe(topology: LocalTopology, ca: string | undefined, dashboard: string | undefined): object {
  return {
    name: topology.name,
    url: topology.url,
    ca: ca ?? null,
    dashboard: dashboard ?? null,
    nodes: topology.nodes.map(({ address, pid }) => ({ address: formatAddress(address), pid })),
    sentinels: topology.sentinels.map(({ address, pid }) => ({ address: formatAddress(address), pid }))
  }
}

function inWords(topology: LocalTopology, ca: string | undefined, dashboard: string | undefined): string {
  const [primary, ...replicas] = topology.nodes
  const line = (
    role: string,
    { address, pid }: LocalTopology['nodes'][number] | LocalTopology['sentinels'][number]
  ): string => `  ${role.padEnd(8)}  ${formatAddress(address).padEnd(21)}  pid ${pid ?? '–'}`
  const flags = `--url '${topology.url}'${ca === undefined ? '' : ` --ca ${ca}`}`
  return `${[
    `"${topology.name}" runs on this machine:`,
    ...(primary === undefined ? [] : [line('primary', primary)]),
    ...replicas.map((replica) => line('replica', replica)),
    ...topology.sentinels.map((sentinel) => line('sentinel', sentinel)),
    '',
    `url  ${topology.url}`,
    ...(ca === undefined ? [] : [`ca   ${ca}`]),
    ...(dashboard === undefined ? [] : ['', `dashboard  ${dashboard}`]),
    '',
    'try, in another terminal:',
    `  npx ioredis-sentinel watch ${flags}`,
    `  npx ioredis-sentinel doctor ${flags}`,
    `  npx ioredis-sentinel failover ${flags}`,
    ...(primary?.pid === undefined ? [] : [`  kill -9 ${primary.pid}`]),
    '',
    'ctrl-C ends it'
  ].join('\n')}\n`
}
