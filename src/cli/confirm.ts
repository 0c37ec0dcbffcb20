import { createInterface } from 'node:readline/promises'
import { ConfigurationError } from '../index.js'

type Streams = Readonly<Record<'stdin' | 'stdout' | 'stderr', { readonly isTTY?: boolean }>>

/** @throws ConfigurationError where nobody could answer a question, or see it. */
export function checkSomebodyCanBeAsked({ stdin, stdout, stderr }: Streams = process): void {
  if (stdin.isTTY !== true)
    throw new ConfigurationError('--yes is missing: standard input is no terminal, so nobody can be asked')
  if (stdout.isTTY !== true && stderr.isTTY !== true)
    throw new ConfigurationError(
      '--yes is missing: neither standard output nor standard error is a terminal, so nobody would see the question'
    )
}

/** Asks on the terminal, beside what goes into a file. Anything but yes is no, and so are ctrl-C, ctrl-D, the end of the input and the signal. */
export async function confirmed(question: string, signal?: AbortSignal): Promise<boolean> {
  const output = process.stdout.isTTY ? process.stdout : process.stderr
  const terminal = createInterface({ input: process.stdin, output })
  try {
    // Ctrl-C and ctrl-D reject the question; the end of the input only closes what asks it.
    const closed = new Promise<never>((_, reject) => {
      terminal.once('close', () => {
        reject(new Error('there is no answer'))
      })
    })
    const asked = terminal.question(`${question} [y/N] `, signal === undefined ? {} : { signal })
    const answer = await Promise.race([asked, closed])
    return /^y(es)?$/i.test(answer.trim())
  } catch {
    // The line of the question was not ended by Enter.
    output.write('\n')
    return false
  } finally {
    terminal.close()
  }
}
