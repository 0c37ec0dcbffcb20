import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { ensureIptables } from '../lib/ensure-iptables.mjs'
import { watchForInterruption } from '../lib/interruption.mjs'
import { checkNothingLeftBehind } from '../lib/left-behind.mjs'
import { say } from '../lib/say.mjs'
import { runProject } from '../lib/test-parts.mjs'
import { NotToBeHad } from './cache.js'
import { type Cell, cellsOf, type FinishedCell, type Result } from './cell.js'
import type { NodeMajor, ServerName } from './catalogue.js'
import { type NodeProgram, prepareNode } from './nodes.js'
import type { MatrixOptions } from './options.js'
import { prepareServer, type ServerPrograms } from './servers.js'

/** What is there to run a cell with, or in words why it is not. */
type Prepared<Value> = ReadonlyMap<NodeMajor | ServerName, Value | string>

/** Runs the tests in one cell after the other. After Ctrl-C the cells that are left are told as left out. */
export async function runCells({ nodes, servers, tests, serial }: MatrixOptions): Promise<readonly FinishedCell[]> {
  const interruption = watchForInterruption()
  const vitestArgs = [...tests, ...(serial ? ['--no-file-parallelism'] : [])]
  try {
    await ensureIptables()
    const nodePrograms = await prepareAll(nodes, prepareNode)
    const serverPrograms = await prepareAll(servers, prepareServer)
    const finished: FinishedCell[] = []
    for (const cell of cellsOf(nodes, servers)) {
      const node = nodePrograms.get(cell.node) ?? 'it was not prepared'
      const server = serverPrograms.get(cell.server) ?? 'it was not prepared'
      if (typeof node === 'string') finished.push({ ...cell, leftOut: node })
      else if (typeof server === 'string') finished.push({ ...cell, leftOut: server })
      else if (interruption.signal !== undefined)
        finished.push({ ...cell, leftOut: `the run was cut short by ${interruption.signal}` })
      else finished.push(await runCell(cell, node, server, vitestArgs, interruption))
    }
    return finished
  } finally {
    interruption.stop()
  }
}

async function prepareAll<Name extends NodeMajor | ServerName, Value>(
  names: readonly Name[],
  prepare: (name: Name) => Promise<Value>
): Promise<Prepared<Value>> {
  const prepared = new Map<NodeMajor | ServerName, Value | string>()
  for (const name of names) {
    try {
      prepared.set(name, await prepare(name))
    } catch (error) {
      if (!(error instanceof NotToBeHad)) throw error
      const what = typeof name === 'number' ? `Node ${name}` : name
      say(`all cells of ${what} are left out: ${error.message}`)
      prepared.set(name, error.message)
    }
  }
  return prepared
}

async function runCell(
  cell: Cell,
  node: NodeProgram,
  server: ServerPrograms,
  vitestArgs: readonly string[],
  interruption: { readonly signal: string | undefined }
): Promise<FinishedCell> {
  say(`\nNode ${node.version}, ${server.version}`)
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ioredis-sentinel-matrix-')))
  const startedAt = performance.now()
  try {
    const env = { PATH: [server.folder, node.folder, process.env['PATH'] ?? ''].join(delimiter) }
    const ofTests = await runProject('live', vitestArgs, folder, undefined, { node: node.path, env })
    const results = [...ofTests, ...(await resultsOfTheCell(ofTests, folder, interruption.signal))]
    const seconds = (performance.now() - startedAt) / 1000
    return { ...cell, versions: { node: node.version, server: server.version }, results, seconds }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What is true of the cell as a whole only. */
async function resultsOfTheCell(
  ofTests: readonly Result[],
  folder: string,
  signal: string | undefined
): Promise<readonly Result[]> {
  const leftBehind = (await checkNothingLeftBehind(folder)) as Result
  const ran = ofTests.some(({ state }) => state !== 'skipped')
  return [
    leftBehind,
    ...(signal === undefined ? [] : [failure('the cell', `it was cut short by ${signal}`)]),
    ...(ran ? [] : [failure('the cell', 'no test ran')])
  ]
}

function failure(name: string, note: string): Result {
  return { name, state: 'failed', note }
}
