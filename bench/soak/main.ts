/**
 * Mixed load through many failovers, judged step by step, with a census of the client's resources after each.
 *
 *   npm run soak -- --failovers 200 [--seed n] [--faults list] [--minutes m] [--out dir]
 *
 * docs/reliability.md says what is held to be right, and what came of it.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseSoakOptions } from './options.js'
import { renderReport, renderStep } from './render.js'
import { runSoak } from './run-soak.js'

const options = parseSoakOptions(process.argv.slice(2))
console.log(`seed ${options.seed}`)
const report = await runSoak(options, (step, failovers) => {
  console.log(renderStep(step, failovers))
})
console.log(renderReport(report))
if (options.out !== undefined) {
  await mkdir(options.out, { recursive: true })
  await writeFile(join(options.out, 'soak.json'), `${JSON.stringify(report, undefined, 2)}\n`)
}
process.exitCode = report.failures.length === 0 ? 0 : 1
