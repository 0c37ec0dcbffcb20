import { createInterface } from 'node:readline/promises'

/** Asks on the terminal. Anything but yes is no, and so are ctrl-C, ctrl-D, the end of the input and the signal. */
export async function confirmed(question: string, signal?: AbortSignal): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
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
    process.stdout.write('\n')
    return false
  } finally {
    terminal.close()
  }
}
