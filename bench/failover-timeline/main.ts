/**
 * The figures of docs/how-failover-works.md, from a real failover.
 *
 *   npx tsx bench/failover-timeline/main.ts            records one, and draws it
 *   npx tsx bench/failover-timeline/main.ts --draw     draws the one in docs/failover/timeline.json again
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { draw } from './draw.js'
import { figures } from './frames.js'
import { record } from './record.js'
import type { Recording } from './recording.js'

const RECORDING = 'docs/failover/timeline.json'

const recording = process.argv.includes('--draw')
  ? (JSON.parse(readFileSync(RECORDING, 'utf8')) as Recording)
  : await record()
writeFileSync(RECORDING, `${JSON.stringify(recording)}\n`)
for (const [file, frame] of Object.entries(figures(recording)))
  writeFileSync(`docs/figures/${file}`, draw(recording, frame))
console.log(`promoted after ${recording.promotedAt} ms, ${recording.held} calls waited, ${recording.unknown} unknown`)
