import { spawn } from 'node:child_process'

export interface CommandResult {
  readonly code: number
  /** What it said on both. */
  readonly output: string
}

/** Runs a program to its end. A program that is missing has the code 127, one ended by a signal -1. */
export function runCommand(
  command: string,
  args: readonly string[],
  { input = '', env }: { readonly input?: string; readonly env?: NodeJS.ProcessEnv } = {}
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], ...(env === undefined ? {} : { env }) })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    }
    child.once('error', (error) => {
      resolve({ code: 127, output: error.message })
    })
    child.once('close', (code) => {
      resolve({ code: code ?? -1, output })
    })
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
  })
}

/** @throws Error with what it said, when it ended with another code than 0. */
export async function mustRun(command: string, args: readonly string[], input = ''): Promise<string> {
  const { code, output } = await runCommand(command, args, { input })
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}: ${output.trim()}\n${input}`)
  return output
}
