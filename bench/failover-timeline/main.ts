/**
 * The figures of docs/how-failover-works.md, from a real failover.
 *
 *   npx tsx bench/failover-timeline/main.ts            records one, and draws it
 *   npx tsx bench/failover-timeline/main.ts --draw     draws the one in docs/failover/timeline.json again
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { readReport } from '../failover/report-files.js'
import { figures } from './frames.js'
import { record } from './record.js'
import type { Recording } from './recording.js'

const RECORDING = 'docs/failover/timeline.json'

const recording = process.argv.includes('--draw')
  ? (JSON.parse(readFileSync(RECORDING, 'utf8')) as Recording)
  : await record()
writeFileSync(RECORDING, `${JSON.stringify(recording)}\n`)
for (const [file, svg] of Object.entries(figures(recording, readReport('docs/failover/failover.json'))))
  writeFileSync(`docs/figures/${file}`, svg)
console.log(`promoted after ${recording.promotedAt} ms, ${recording.held} calls waited, ${recording.unknown} unknown`)
