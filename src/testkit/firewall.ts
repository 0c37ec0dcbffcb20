import { spawn } from 'node:child_process'
import { FaultUnavailableError } from './errors.js'
import type { UndoCommand } from './guardian.js'

/** Packets from one address to another; a missing side means any address. */
export interface Flow {
  readonly from?: string
  readonly to?: string
}

interface Step {
  readonly command: string
  readonly args: readonly string[]
  readonly input?: string
}

/** One of the two tools: what it runs to begin, to drop exactly these flows, and to leave nothing behind. */
interface Tool {
  readonly command: string
  /** Changes nothing; fails when this user may not use the tool. */
  readonly probe: Step
  readonly begin: readonly Step[]
  replace(flows: readonly Flow[]): Step
  readonly end: readonly Step[]
}

/**
 * Drops packets of 127.0.0.0/8 by address, in a chain (iptables) or table (nft) of its own. Dropped where they arrive
 * (INPUT), so that the sender sees silence and not an error.
 */
export class Firewall {
  readonly #id: string
  readonly #onBegin: (undo: readonly UndoCommand[]) => void
  #tool: Tool | undefined
  #work: Promise<void> = Promise.resolve()

  /** `onBegin` is called with the undo commands before the first rule is made. */
  constructor(id: string, onBegin: (undo: readonly UndoCommand[]) => void) {
    this.#id = id
    this.#onBegin = onBegin
  }

  /**
   * Makes exactly these flows the dropped ones.
   *
   * @throws FaultUnavailableError without root (CAP_NET_ADMIN) or without iptables and nft.
   */
  drop(flows: readonly Flow[]): Promise<void> {
    return this.#next(async () => {
      if (this.#tool === undefined) {
        if (flows.length === 0) return
        this.#tool = await this.#begin()
      }
      await mustRun(this.#tool.replace(flows))
    })
  }

  /** Removes the chain or table. */
  remove(): Promise<void> {
    return this.#next(async () => {
      const tool = this.#tool
      this.#tool = undefined
      for (const step of tool?.end ?? []) await mustRun(step)
    })
  }

  #next(work: () => Promise<void>): Promise<void> {
    const done = this.#work.then(work)
    this.#work = done.catch(() => undefined)
    return done
  }

  async #begin(): Promise<Tool> {
    const found = await findTool(this.#id)
    if (!found.available) throw new FaultUnavailableError(found.reason)
    this.#onBegin(found.tool.end)
    for (const step of found.tool.begin) await mustRun(step)
    return found.tool
  }
}

/** Whether this machine and this user can partition, and why not. */
export type PartitionSupport = { readonly available: true } | { readonly available: false; readonly reason: string }

/** Whether `partition()` will work here: root (CAP_NET_ADMIN) and iptables or nft. Changes nothing. */
export async function partitionSupport(): Promise<PartitionSupport> {
  const found = await findTool('probe')
  return found.available ? { available: true } : found
}

async function findTool(
  id: string
): Promise<{ readonly available: true; readonly tool: Tool } | { readonly available: false; readonly reason: string }> {
  const reasons: string[] = []
  for (const tool of [iptables(id), nft(id)]) {
    const refused = await run(tool.probe)
    if (refused === undefined) return { available: true, tool }
    reasons.push(`${tool.command}: ${refused}`)
  }
  return {
    available: false,
    reason: `A partition needs root (CAP_NET_ADMIN) and iptables or nft (${reasons.join('; ')}). Nothing was changed; without root, freeze() also makes a node silent.`
  }
}

const WAIT = ['-w', '10']

function iptables(id: string): Tool {
  const command = 'iptables'
  const chain = `TESTKIT-${id}`
  const hook = ['INPUT', '-i', 'lo', '-j', chain]
  return {
    command,
    probe: { command, args: [...WAIT, '-S', 'INPUT'] },
    begin: [
      { command, args: [...WAIT, '-N', chain] },
      { command, args: [...WAIT, '-I', ...hook] }
    ],
    replace: (flows) => ({
      command: 'iptables-restore',
      args: [...WAIT, '--noflush'],
      input: [
        '*filter',
        `:${chain} - [0:0]`,
        ...flows.map((flow) => `-A ${chain}${match(flow, '-s', '-d')} -j DROP`),
        'COMMIT',
        ''
      ].join('\n')
    }),
    end: [
      { command, args: [...WAIT, '-D', ...hook] },
      { command, args: [...WAIT, '-F', chain] },
      { command, args: [...WAIT, '-X', chain] }
    ]
  }
}

function nft(id: string): Tool {
  const command = 'nft'
  const table = `testkit_${id}`
  return {
    command,
    probe: { command, args: ['list', 'tables'] },
    begin: [{ command, args: ['add', 'table', 'ip', table] }],
    replace: (flows) => ({
      command,
      args: ['-f', '-'],
      input: [
        `add table ip ${table}`,
        `delete table ip ${table}`,
        `table ip ${table} {`,
        'chain input {',
        'type filter hook input priority 0; policy accept;',
        ...flows.map((flow) => `iifname "lo"${match(flow, 'ip saddr', 'ip daddr')} drop`),
        '}',
        '}',
        ''
      ].join('\n')
    }),
    end: [{ command, args: ['delete', 'table', 'ip', table] }]
  }
}

function match(flow: Flow, from: string, to: string): string {
  return `${flow.from === undefined ? '' : ` ${from} ${flow.from}`}${flow.to === undefined ? '' : ` ${to} ${flow.to}`}`
}

async function mustRun(step: Step): Promise<void> {
  const tries = 5
  let refused: string | undefined
  for (let attempt = 0; attempt < tries; attempt += 1) {
    refused = await run(step)
    if (refused === undefined) return
  }
  throw new FaultUnavailableError(`${step.command} ${step.args.join(' ')} failed ${tries} times: ${refused ?? ''}`)
}

/** Undefined when it went well, else why not. */
function run({ command, args, input }: Step): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['pipe', 'ignore', 'pipe'] })
    let words = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      words += text
    })
    child.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code === 'ENOENT' ? 'not installed' : error.message)
    })
    child.once('close', (code) => {
      resolve(code === 0 ? undefined : words.trim().split('\n')[0] || `ended with ${String(code)}`)
    })
    child.stdin.on('error', () => undefined)
    child.stdin.end(input ?? '')
  })
}
