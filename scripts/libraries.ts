import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { describeEnvironment } from '../bench/environment.js'
import { say } from './lib/say.mjs'
import { DOCUMENTED, type LibrariesOptions, parseOptions } from './libraries/options.js'
import { fillDocument, hasFailed, terminalTable } from './libraries/report.js'
import { merged, readResults, type Results, writeResults } from './libraries/results.js'
import { runLibraries } from './libraries/run-libraries.js'

const DOCUMENT = 'docs/libraries.md'
const TOPOLOGY = 'for each test 1 primary, 2 replicas and 3 sentinels of its own'

async function run({ libraries, repeat, json }: LibrariesOptions): Promise<number> {
  const environment = describeEnvironment(TOPOLOGY)
  const before = json !== undefined && existsSync(json) ? readResults(json) : undefined
  const resultsOf = (runs: Results['libraries']): Results => ({ environment, libraries: runs })
  const { runs, cutShortBy } = await runLibraries(libraries, repeat, (soFar) => {
    if (json !== undefined) writeResults(json, merged(before, resultsOf(soFar)))
  })
  const results = resultsOf(runs)
  say(`\n${terminalTable(results)}`)
  if (cutShortBy !== undefined) say(`it was cut short by ${cutShortBy}`)
  return hasFailed(results) || cutShortBy !== undefined ? 1 : 0
}

function render(path: string): void {
  const results = readResults(path)
  writeResults(DOCUMENTED, results)
  writeFileSync(DOCUMENT, fillDocument(readFileSync(DOCUMENT, 'utf8'), results))
  say(`${DOCUMENT} and ${DOCUMENTED} are made from ${path}`)
}

const parsed = parseOptions(process.argv.slice(2))
if (!parsed.ok) process.exitCode = parsed.exitCode
else if (parsed.options.render === undefined) process.exitCode = await run(parsed.options)
else render(parsed.options.render)
