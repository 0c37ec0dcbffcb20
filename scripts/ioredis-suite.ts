import { Command, InvalidArgumentError } from 'commander'
import { execFileSync } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundles } from './ioredis-suite/bundle.js'
import { compare, count } from './ioredis-suite/compare.js'
import { document, type Run } from './ioredis-suite/document.js'
import { expectedWith } from './ioredis-suite/expected.js'
import { isLeftOut } from './ioredis-suite/left-out.js'
import { REASONS } from './ioredis-suite/reasons.js'
import { suiteFolder } from './ioredis-suite/suite-folder.js'
import { runSuite, type TopologyRun } from './ioredis-suite/topology-run.js'

const RUNS = {
  primary: { title: "SentinelRedis, readFrom: 'primary', no replica", replicas: 0, client: { readFrom: 'primary' } },
  defaults: { title: 'SentinelRedis at its defaults, two replicas', replicas: 2, client: {} }
} as const satisfies Record<string, TopologyRun & { readonly title: string }>

type RunName = keyof typeof RUNS

interface Options {
  readonly suite?: string
  readonly run: readonly RunName[]
  readonly only: string
  readonly grep?: string
  readonly timeoutMs?: number
  readonly document?: string
}

const {
  suite: given,
  run,
  only,
  grep,
  timeoutMs,
  document: documentFile
} = new Command('ioredis-suite')
  .description('Runs the functional tests of ioredis with SentinelRedis in the place of its Redis.')
  .option('--suite <folder>', 'the source of ioredis, after npm ci; else IOREDIS_SUITE', process.env['IOREDIS_SUITE'])
  .option('--run <names>', `of ${Object.keys(RUNS).join(', ')}`, runNames, ['primary', 'defaults'] as const)
  .option('--only <text>', 'only files whose name holds this', '')
  .option('--grep <text>', 'only cases whose title holds this')
  .option('--timeout-ms <n>', 'for one case with SentinelRedis; the suite’s own is 8000', Number)
  .option('--document <file>', 'write the results there')
  .addHelpText(
    'after',
    '\nExit code: 0 every difference has a reason, and every case with a reason differs; 1 not so; 2 there is no suite, or no case that was asked for'
  )
  .parse()
  .opts<Options>()

const found = suiteFolder(given)
if ('missing' in found) {
  console.error(`ioredis’s own suite is not run: ${found.missing}`)
  process.exitCode = 2
} else process.exitCode = await runAll(found.folder)

async function runAll(suite: string): Promise<number> {
  const files = (readdirSync(join(suite, 'test/functional'), { recursive: true }) as string[])
    .filter((file) => file.endsWith('.ts') && file.includes(only))
    .map((file) => `test/functional/${file}`)
    .sort()
  const ourFiles = files.filter((file) => !isLeftOut(file))
  const built = await bundles()
  try {
    const plain: Run = {
      title: 'ioredis',
      replicas: 0,
      ...(await runSuite({ replicas: 0, client: undefined }, { suite, files, grep, timeoutMs: undefined }, built))
    }
    if (plain.cases.length === 0) {
      console.error('no case was run: no file is named so, or no case')
      return 2
    }
    report(plain)
    const ours: Run[] = []
    let wrong = 0
    for (const name of run) {
      const { title, ...topology } = RUNS[name]
      const one = {
        title,
        replicas: topology.replicas,
        ...(await runSuite(topology, { suite, files: ourFiles, grep, timeoutMs }, built))
      }
      report(one)
      wrong += reportDifferences(plain, one)
      ours.push(one)
    }
    if (documentFile !== undefined) writeFileSync(documentFile, document(plain, ours, versions()))
    console.log(
      wrong === 0 ? 'every difference has a reason, and every reason holds' : `${wrong} to explain or to mend`
    )
    return wrong === 0 ? 0 : 1
  } finally {
    built.remove()
  }
}

function report({ title, cases }: Run): void {
  const counts = (['passing', 'pending', 'failing'] as const).map((state) => `${count(cases, state)} ${state}`)
  console.log(`${title}: ${counts.join(', ')}`)
}

/** How many have no reason, or one that no longer holds. */
function reportDifferences(plain: Run, ours: Run): number {
  const { byReason, unexplained, both, missing, stale } = compare(
    plain.cases,
    ours.cases,
    expectedWith(ours.replicas),
    grep
  )
  for (const [name, cases] of byReason) console.log(`  ${cases.length} by design: ${REASONS[name].why}`)
  console.log(`  ${both.length} fail with ioredis too`)
  for (const { file, title, error } of unexplained) console.log(`  NO REASON: ${file}: ${title}: ${error}`)
  for (const { file, title } of missing) console.log(`  NOT RUN: ${file}: ${title}`)
  for (const { file, title, reason } of stale)
    console.log(
      `  NO LONGER DIFFERS, or is not there: ${file}: ${title}; expected in expected.ts for the reason "${reason}"`
    )
  return unexplained.length + missing.length + stale.length
}

function versions(): string {
  const server = /v=(\S+)/.exec(execFileSync('redis-server', ['--version'], { encoding: 'utf8' }))?.[1] ?? 'unknown'
  const limit = timeoutMs === undefined ? '' : `; with SentinelRedis a case was given ${timeoutMs} ms instead of 8000`
  return `Redis ${server}, Node ${process.versions.node}${limit}`
}

function runNames(text: string): readonly RunName[] {
  const names = text.split(',')
  const unknown = names.filter((name) => !Object.hasOwn(RUNS, name))
  if (unknown.length > 0) throw new InvalidArgumentError(`allowed are ${Object.keys(RUNS).join(', ')}`)
  return names as RunName[]
}
