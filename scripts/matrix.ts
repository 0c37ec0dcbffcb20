import { writeFileSync } from 'node:fs'
import { say } from './lib/say.mjs'
import { count, printNamed } from './lib/summary.mjs'
import { resultsOf } from './matrix/cell.js'
import { parseOptions } from './matrix/options.js'
import { hasFailed, headingOf, jsonReport, matrixTable } from './matrix/report.js'
import { runCells } from './matrix/run-cells.js'

const parsed = parseOptions(process.argv.slice(2))
if (parsed.ok) {
  const { options } = parsed
  const cells = await runCells(options)
  if (options.json !== undefined) writeFileSync(options.json, jsonReport(cells, options.tests, new Date()))
  say(`\n${matrixTable(cells)}`)
  for (const cell of cells) {
    const results = resultsOf(cell)
    if (results.every(({ state }) => state === 'passed')) continue
    say(`\n${headingOf(cell)}`)
    printNamed('skipped', results)
    printNamed('failed', results)
  }
  say(`\n${count(cells.flatMap(resultsOf))}`)
  process.exitCode = hasFailed(cells) ? 1 : 0
} else {
  process.exitCode = parsed.exitCode
}
