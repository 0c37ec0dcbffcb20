import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Figures } from '../test/kubernetes/support/figures.js'
import { DOCUMENTED, type KubernetesOptions, parseOptions } from './kubernetes/options.js'
import { figuresTable, fillDocument, readFigures } from './kubernetes/report.js'
import { ensureClusterTools } from './lib/ensure-cluster-tools.mjs'
import { ensureRedis } from './lib/ensure-redis.mjs'
import { checkNothingLeftBehind } from './lib/left-behind.mjs'
import { say } from './lib/say.mjs'
import { makeSuiteFolder } from './lib/suite-folder.mjs'
import { count, printNamed } from './lib/summary.mjs'
import { runProject } from './lib/test-parts.mjs'

const PROJECTS = { kubernetes: 'quick', 'kubernetes-hazards': 'hazards' }

const DOCUMENT = 'docs/kubernetes-harness.md'

/** Those that have one of the files: to start vitest for nothing takes longer than some hazards. */
function projectsWith(only: readonly string[]): readonly string[] {
  const has = (folder: string): boolean =>
    readdirSync(`test/kubernetes/${folder}`).some((file) =>
      only.some((part) => `test/kubernetes/${folder}/${file}`.includes(part))
    )
  return Object.entries(PROJECTS).flatMap(([project, folder]) => (only.length === 0 || has(folder) ? project : []))
}

async function run({ only, repeat, atOnce, json, logs }: KubernetesOptions): Promise<number> {
  await ensureRedis()
  await ensureClusterTools()
  const folder = makeSuiteFolder()
  const figuresFile = join(folder, 'figures')
  const env = {
    KUBERNETES_FIGURES: figuresFile,
    HAZARDS_AT_ONCE: String(atOnce),
    ...(logs === undefined ? {} : { KUBERNETES_LOGS: logs })
  }
  const results = []
  try {
    for (let run = 1; run <= repeat; run += 1) {
      if (repeat > 1) say(`\nrun ${run} of ${repeat}`)
      for (const project of projectsWith(only))
        results.push(...(await runProject(project, [...only, `--maxWorkers=${atOnce}`], folder, 'inherit', { env })))
    }
    results.push(await checkNothingLeftBehind(folder))
    const figures = existsSync(figuresFile) ? readFigures(readFileSync(figuresFile, 'utf8')) : []
    if (figures.length > 0) say(`\n${figuresTable(figures)}`)
    if (json !== undefined) writeFigures(json, figures)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  printNamed('skipped', results)
  printNamed('failed', results)
  say(`\n${count(results)}`)
  const ran = results.filter(({ state }) => state !== 'skipped').length > 1
  return ran && results.every(({ state }) => state !== 'failed') ? 0 : 1
}

function render(files: readonly string[]): void {
  const figures = files.flatMap((file) => JSON.parse(readFileSync(file, 'utf8')) as Figures[])
  writeFigures(DOCUMENTED, figures)
  writeFileSync(DOCUMENT, fillDocument(readFileSync(DOCUMENT, 'utf8'), figures))
  say(`${DOCUMENT} and ${DOCUMENTED} are made from ${figures.length} runs`)
}

/** One line a run. */
function writeFigures(file: string, figures: readonly Figures[]): void {
  writeFileSync(file, `[\n${figures.map((each) => `  ${JSON.stringify(each)}`).join(',\n')}\n]\n`)
}

const parsed = parseOptions(process.argv.slice(2))
if (!parsed.ok) process.exitCode = parsed.exitCode
else if (parsed.options.render === undefined) process.exitCode = await run(parsed.options)
else render(parsed.options.render)
