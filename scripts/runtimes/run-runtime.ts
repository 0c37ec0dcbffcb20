import { injectFault, startTopology } from 'ioredis-sentinel/testkit'
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { RuntimeProgram } from './prepare.js'

/** How long a program may take for all its steps; one that does not end by itself has failed. */
const LIMIT_MS = 90_000

export interface Step {
  readonly step: string
  readonly ok: boolean
  readonly told: string
}

/** Runs the program in the folder where the library is installed, against a group of its own, of which it kills the primary when asked. */
export async function runRuntime(
  { path, args }: RuntimeProgram,
  folder: string,
  { tls }: { readonly tls: boolean }
): Promise<readonly Step[]> {
  await using topology = await startTopology({ tls, downAfterMs: 1_000 })
  const secure = tls ? { tls: { ca: topology.ca }, sentinelTls: { ca: topology.ca } } : {}
  const options = { name: topology.name, sentinels: topology.sentinelAddresses, ...secure }
  const child = spawn(path, [...args, 'program.mjs', JSON.stringify(options)], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe']
  })
  const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS)
  const steps: Step[] = []
  let said = ''
  child.stderr.on('data', (text: Buffer) => (said += String(text)))
  const injected: Promise<unknown>[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    const parsed = parseLine(line)
    if (parsed === 'ready') injected.push(injectFault(topology, 'kill'))
    else if (parsed === undefined) said += `${line}\n`
    else steps.push(parsed)
  })
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (...ended) => {
      resolve(ended)
    })
  })
  clearTimeout(limit)
  await Promise.all(injected)
  return [...steps, endOf(code, signal, said)]
}

/** What a line of the program says; undefined when it is something else, which a runtime has said. */
export function parseLine(line: string): Step | 'ready' | undefined {
  try {
    const { ready, step, ok, told } = JSON.parse(line) as Partial<Step> & { ready?: boolean }
    if (ready === true) return 'ready'
    return step === undefined || ok === undefined ? undefined : { step, ok, told: told ?? '' }
  } catch {
    return undefined
  }
}

export function endOf(code: number | null, signal: string | null, said: string): Step {
  const step = 'ends by itself'
  if (signal !== null) return { step, ok: false, told: `it was still there after ${LIMIT_MS / 1000} s ${said}`.trim() }
  return { step, ok: code === 0 && said === '', told: code === 0 ? said.trim() : `exit code ${code} ${said}`.trim() }
}
