import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startTopology } from '../src/testkit/index.js'
import { normalize } from './record-sentinel/normalize.js'
import { Recorder } from './record-sentinel/recorder.js'
import { SCENARIOS } from './record-sentinel/scenarios.js'

const USAGE = `npx tsx scripts/record-sentinel.ts [--out <folder>] [${Object.keys(SCENARIOS).join('|')}] …

Records what real sentinels publish and answer, for test/spec. Without a name every scenario is recorded.`
const FIXTURES = fileURLToPath(new URL('../test/spec/fixtures', import.meta.url))

const { values, positionals } = parseArgs({
  options: { out: { type: 'string', default: FIXTURES }, help: { type: 'boolean' } },
  allowPositionals: true
})
const unknown = positionals.filter((name) => !Object.hasOwn(SCENARIOS, name))
if (values.help === true || unknown.length > 0) {
  for (const name of unknown) console.error(`there is no scenario "${name}"`)
  console.log(USAGE)
  process.exitCode = unknown.length > 0 ? 1 : 0
} else {
  const folder = resolve(values.out)
  await mkdir(folder, { recursive: true })
  for (const name of positionals.length > 0 ? positionals : Object.keys(SCENARIOS)) await record(name, folder)
}

/** One JSON value a line: what was recorded, then every entry in the order in which it came. */
async function record(scenario: string, folder: string): Promise<void> {
  const { options, title, run } = SCENARIOS[scenario] ?? { options: {}, title: '', run: async () => undefined }
  const topology = await startTopology(options)
  const recorder = new Recorder(topology)
  try {
    await recorder.start()
    await run(topology, recorder)
  } finally {
    await recorder.stop()
    await topology.stop()
  }
  const header = { scenario, title, group: topology.name, server: recorder.server, raw: recorder.raw }
  const lines = normalize([header, ...recorder.entries], recorder.members)
  const file = join(folder, `${scenario}.jsonl`)
  await writeFile(file, `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`)
  console.log(`${scenario}: ${lines.length - 1} entries`)
}
