import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Cluster } from '../harness/cluster.js'
import { type KubectlAnswer, kubectlCall } from './kubectl-calls.js'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const PROGRAM = fileURLToPath(new URL('kubectl-program.mjs', import.meta.url))

/** The block of shell in a document that holds these words: what a reader would copy. @throws Error when none or several do. */
export function documentedCommands(document: string, words: string): string {
  const blocks = [...readFileSync(join(ROOT, document), 'utf8').matchAll(/^```sh\n([\s\S]*?)^```$/gm)]
  const found = blocks.map(([, block = '']) => block).filter((block) => block.includes(words))
  const [block] = found
  if (block === undefined || found.length > 1) throw new Error(`${found.length} blocks of ${document} have: ${words}`)
  return block
}

/** A shell in a folder of its own, whose kubectl is of this cluster. */
export class Shell {
  readonly #cluster: Cluster
  readonly #folder = mkdtempSync(join(tmpdir(), 'ioredis-sentinel-shell-'))
  /** Told each call of kubectl before it is done. */
  onCall: (words: readonly string[]) => void = () => undefined

  constructor(cluster: Cluster) {
    this.#cluster = cluster
    symlinkSync(PROGRAM, join(this.#folder, 'kubectl'))
  }

  /** Runs it to its end, where a command that fails ends it. @throws Error with what it said, when it ended with another code than 0. */
  async run(script: string): Promise<string> {
    const socket = join(this.#folder, 'socket')
    const server = createServer((request, response) => {
      void this.#answer(request).then(({ code, stdout, stderr }) => {
        response.end(JSON.stringify({ code, stderr, stdout: stdout.toString('base64') }))
      })
    })
    await new Promise<void>((resolve) => server.listen(socket, resolve))
    try {
      const path = [this.#folder, dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter)
      const env = { PATH: path, KUBECTL_SOCKET: socket }
      return await ended(spawn('sh', ['-euc', script], { cwd: this.#folder, env, stdio: ['ignore', 'pipe', 'pipe'] }))
    } finally {
      server.close()
    }
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #answer(request: IncomingMessage): Promise<KubectlAnswer> {
    try {
      const words = JSON.parse(decodeURIComponent(String(request.headers['words']))) as readonly string[]
      this.#cluster.events.say(`kubectl ${words.join(' ')}`)
      this.onCall(words)
      return await kubectlCall(this.#cluster, words, Buffer.concat(await request.toArray()))
    } catch (error) {
      return { code: 1, stdout: Buffer.alloc(0), stderr: `${error instanceof Error ? error.message : String(error)}\n` }
    }
  }
}

async function ended(child: ReturnType<typeof spawn>): Promise<string> {
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  }
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code !== 0) throw new Error(`the commands ended with ${String(code)}: ${said}`)
  return said
}
