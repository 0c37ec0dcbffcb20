import { rmSync } from 'node:fs'
import { ensureRedis } from './lib/ensure-redis.mjs'
import { checkNothingLeftBehind } from './lib/left-behind.mjs'
import { say } from './lib/say.mjs'
import { makeSuiteFolder } from './lib/suite-folder.mjs'
import { count, printNamed } from './lib/summary.mjs'
import { runProject } from './lib/test-parts.mjs'
import { NotToBeHad } from './matrix/cache.js'
import { type MonitoringOptions, parseOptions } from './monitoring/options.js'
import { prepareMonitoring } from './monitoring/programs.js'

interface Result {
  readonly name: string
  readonly state: string
  readonly note?: string
}

async function results({ debian, only }: MonitoringOptions): Promise<readonly Result[]> {
  await ensureRedis()
  const { folder: programs, versions } = await prepareMonitoring(debian)
  say(`${versions} of Debian ${debian}`)
  const folder = makeSuiteFolder()
  try {
    const env = { MONITORING_PROGRAMS: programs }
    const tests = await runProject('monitoring', only, folder, 'inherit', { env })
    return [...tests, await checkNothingLeftBehind(folder)]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Without the programs nothing is tested, and that is no success. */
async function run(options: MonitoringOptions): Promise<number> {
  const all = await results(options).catch((error: unknown) => {
    if (!(error instanceof NotToBeHad)) throw error
    return [{ name: 'all of it', state: 'skipped', note: error.message }]
  })
  printNamed('skipped', all)
  printNamed('failed', all)
  say(`\n${count(all)}`)
  const ran = all.filter(({ state }) => state !== 'skipped').length > 1
  return ran && all.every(({ state }) => state !== 'failed') ? 0 : 1
}

const parsed = parseOptions(process.argv.slice(2))
process.exitCode = parsed.ok ? await run(parsed.options) : parsed.exitCode
