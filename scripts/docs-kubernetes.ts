/** `npm run docs:kubernetes`: the commands of docs/playing-around.md, run in a cluster of processes; what they print goes into it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { readArguments } from '../bench/arguments.js'
import { runDocument } from '../test/kubernetes/documents/run-document.js'
import { Cluster } from '../test/kubernetes/harness/cluster.js'
import { SHORT_TIMES } from '../test/kubernetes/harness/dns/records.js'
import { ensureClusterTools } from './lib/ensure-cluster-tools.mjs'
import { ensureRedis } from './lib/ensure-redis.mjs'
import { ROOT } from './lib/root.mjs'
import { say } from './lib/say.mjs'

const command = new Command('docs:kubernetes')
  .description(
    'Runs every sh block of docs/playing-around.md as it stands, in one bash, with a kubectl that speaks to a cluster of processes, and writes what each printed into the text block behind it. About eight minutes. Needs Linux and root.'
  )
  .argument('[document]', 'another document', join(ROOT, 'docs/playing-around.md'))
  .option('--check', 'write nothing: fail when what is printed has another shape than what is documented', false)
  .addHelpText(
    'after',
    '\nExit code: 0 all is as it should be, 1 a command failed, or with --check a shape differs, 2 wrong usage'
  )

const exitCode = readArguments(command, process.argv.slice(2), undefined)
if (exitCode === undefined) process.exitCode = await run(resolve(command.processedArgs[0] as string), command.opts())
else process.exitCode = exitCode

async function run(file: string, { check }: { readonly check?: boolean }): Promise<number> {
  await ensureRedis()
  await ensureClusterTools()
  const cluster = await Cluster.start({ dnsTimes: SHORT_TIMES })
  try {
    const { document, failures, differences } = await runDocument(cluster, readFileSync(file, 'utf8'), {
      cwd: ROOT,
      onBlock: ({ line, heading }) => say(`\nline ${line}: ${heading}`),
      onPrinted: (printed) => say(printed.trimEnd())
    })
    const problems = check === true ? [...failures, ...differences] : failures
    if (check !== true) writeFileSync(file, document)
    for (const problem of problems) say(problem)
    return problems.length === 0 ? 0 : 1
  } finally {
    await cluster.stop()
  }
}
