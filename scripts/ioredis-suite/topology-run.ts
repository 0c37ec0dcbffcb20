import { startTopology } from 'ioredis-sentinel/testkit'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bundles } from './bundle.js'
import { forward } from './forwarder.js'
import { SETTINGS_VARIABLE, type MadeByFile, type Settings } from './mocha/settings.js'
import type { Case, MochaRun } from './mocha-run.js'
import { runMocha } from './mocha-run.js'

export interface TopologyRun {
  readonly replicas: number
  /** Undefined: ioredis itself. */
  readonly client: Settings['client'] | undefined
}

/** One run of the suite against servers of its own. */
export async function runSuite(
  { replicas, client }: TopologyRun,
  { suite, ...rest }: Pick<MochaRun, 'suite' | 'files' | 'grep' | 'timeoutMs'>,
  { replaceRedis, client: clientFile }: Bundles
): Promise<{ readonly cases: readonly Case[]; readonly made: MadeByFile }> {
  const folder = mkdtempSync(join(tmpdir(), 'ioredis-suite-'))
  const recordFile = join(folder, 'made.json')
  const topology = await startTopology({ replicas, downAfterMs: 60_000 })
  const server = await forward((await topology.primary()).address).catch(async (error: unknown) => {
    await topology.stop()
    throw error
  })
  try {
    const group = { name: topology.name, sentinels: topology.sentinelAddresses }
    const sentinelPort = await freePort()
    const settings = { suite, group, sentinelPort, client, clientFile, recordFile }
    const cases = await runMocha({
      suite,
      ...rest,
      reportFile: join(folder, 'report.json'),
      required: client === undefined ? [] : [replaceRedis],
      environment: client === undefined ? {} : { [SETTINGS_VARIABLE]: JSON.stringify(settings) }
    })
    const made = client === undefined ? {} : (JSON.parse(readFileSync(recordFile, 'utf8')) as MadeByFile)
    return { cases, made }
  } finally {
    server.close()
    await topology.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => {
        resolve(port)
      })
    })
  })
}
