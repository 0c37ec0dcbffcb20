/**
 * `npm run docs:terminal`: each command of `ioredis-sentinel` as a person uses it, on a group of `ioredis-sentinel local` and on a terminal
 * of its own; what it draws goes into docs/command-line.md. Of the built package, so `npm run build` first; the script in package.json does.
 */
import { Command } from 'commander'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readArguments } from '../bench/arguments.js'
import { fillPlaces } from '../bench/markdown.js'
import { ROOT } from './lib/root.mjs'
import { Terminal } from './terminal/terminal.js'

const DOCUMENT = join(ROOT, 'docs/command-line.md')
const command = new Command('docs:terminal')
  .description(
    'Uses each command of ioredis-sentinel on a terminal and a group of its own, and fills docs/command-line.md.'
  )
  .allowExcessArguments(false)
const exitCode = readArguments(command, process.argv.slice(2), undefined)
if (exitCode !== undefined) process.exit(exitCode)
// Whoever reads what it says may stop; the group has to be ended all the same.
process.stdout.on('error', () => undefined)

const folder = mkdtempSync(join(tmpdir(), 'ioredis-sentinel-tour-'))
symlinkSync(join(ROOT, 'dist/cli.js'), join(folder, 'ioredis-sentinel'))
const env = { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` }

interface Step {
  readonly place: string
  /** Without the group. */
  readonly words: string
  readonly exitCode: number
  /** Without it the command gets no group: it has one of its own, or needs none. */
  readonly onGroup?: boolean
  /** What the person does before it ends by itself. */
  readonly meanwhile?: (terminal: Terminal) => Promise<void>
  readonly coloured?: boolean
}

const says = (question: RegExp, answer: string) => async (terminal: Terminal) => {
  await terminal.shows(question)
  terminal.type(answer)
}

const STEPS: readonly Step[] = [
  { place: 'status', words: 'status', exitCode: 0, onGroup: true, coloured: true },
  { place: 'doctor', words: 'doctor', exitCode: 1, onGroup: true, coloured: true },
  { place: 'failover', words: 'failover', exitCode: 0, onGroup: true, meanwhile: says(/\[y\/N\]/, 'y\r') },
  { place: 'failover-not', words: 'failover', exitCode: 4, onGroup: true, meanwhile: says(/\[y\/N\]/, 'n\r') },
  { place: 'drill', words: 'drill manual', exitCode: 0, onGroup: true, meanwhile: says(/\[y\/N\]/, 'y\r') },
  { place: 'dashboard', words: 'dashboard --for 1500', exitCode: 0, onGroup: true },
  { place: 'wrong', words: 'status --url redis://127.0.0.1:6379', exitCode: 2 },
  { place: 'nobody', words: 'status --sentinels 127.0.0.1:1 --name mymaster', exitCode: 3 }
]

async function run(step: Step, url: string): Promise<string> {
  const { words, meanwhile, exitCode, onGroup = false, coloured = false } = step
  const line = `ioredis-sentinel ${words}${onGroup ? ` --url ${url}` : ''}`
  const terminal = new Terminal(line, env)
  await meanwhile?.(terminal)
  const code = await terminal.ended()
  const text = await terminal.text()
  if (code !== exitCode) throw new Error(`"${line}" ended with ${code}, not ${exitCode}:\n${text}`)
  if (coloured && !terminal.coloured) throw new Error(`"${line}" has no colours on a terminal`)
  return captured(line, text, code)
}

function captured(line: string, text: string, code?: number): string {
  const end = code === undefined ? '' : `\n\nExit code ${code}.`
  return `\`\`\`sh\nnpx ${line}\n\`\`\`\n\n\`\`\`text\n${text}\n\`\`\`${end}`
}

const URL_OF_GROUP = /redis\+sentinel:\/\/\S+/
const local = new Terminal('ioredis-sentinel local', env)
try {
  const begun = await local.shows(/ctrl-C/i)
  const [url = ''] = URL_OF_GROUP.exec(begun) ?? []
  const parts: Record<string, string> = { local: captured('ioredis-sentinel local', begun) }
  const line = `ioredis-sentinel watch --url ${url}`
  for (const step of STEPS) {
    if (step.place === 'failover') {
      const watch = new Terminal(line, env)
      await watch.shows(/primary/)
      parts['failover'] = await run(step, url)
      await watch.shows(/failover {2}|moved/)
      const drawn = await watch.text()
      const code = await watch.interrupt()
      if (code !== 0) throw new Error(`"${line}" ended with ${code} at ctrl-C`)
      if (!watch.coloured) throw new Error(`"${line}" has no colours on a terminal`)
      parts['watch'] = captured(line, drawn)
    } else parts[step.place] = await run(step, url)
    console.log(`${parts[step.place] ?? ''}\n`)
  }
  writeFileSync(DOCUMENT, fillPlaces(readFileSync(DOCUMENT, 'utf8'), parts))
} finally {
  await local.interrupt()
  rmSync(folder, { recursive: true })
}
