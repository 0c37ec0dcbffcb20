import { type Call, ExitError } from './call.js'
import { podOf, targetOf } from './targets.js'

export interface ExecOptions {
  readonly container?: string | undefined
  readonly stdin: boolean
}

/** `exec`: ends as the command in the container does. */
export async function exec(
  call: Call,
  word: string,
  command: readonly string[],
  { container, stdin }: ExecOptions
): Promise<void> {
  const { cluster, out, err } = call
  const pod = podOf(cluster, targetOf(word))
  const process = await pod.container(container).process?.open(command)
  if (process === undefined) throw new Error(`container ${container ?? ''} of pod ${pod.name} does not run`)
  process.stdin.on('error', () => undefined)
  if (stdin) call.input().pipe(process.stdin)
  else process.stdin.end()
  process.stdout.on('data', out)
  process.stderr.on('data', err)
  const code = await new Promise<number>((resolve, reject) => {
    process.once('error', reject)
    process.once('close', (exitCode) => {
      resolve(exitCode ?? 137)
    })
  })
  if (code === 0) return
  err(`command terminated with exit code ${code}\n`)
  throw new ExitError(code)
}
