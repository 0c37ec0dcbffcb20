import { spawn } from 'node:child_process'
import { once } from 'node:events'

export interface Child {
  readonly said: () => string
  readonly stop: () => Promise<void>
}

/** A program that ends with this process. Resolves when it serves `url`, and fails with what it said when it ends before. */
export async function startChild(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  url: string
): Promise<Child> {
  const child = spawn(file, args, { env: { PATH: process.env['PATH'], ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (said += String(text)))
  const end = (): void => void child.kill('SIGKILL')
  process.once('exit', end)
  let hasEnded = false
  const ended = once(child, 'close').then(() => {
    hasEnded = true
    process.off('exit', end)
  })
  const deadline = Date.now() + 120_000
  while (!(await isServed(url))) {
    if (!hasEnded && Date.now() < deadline) continue
    end()
    throw new Error(`${file} ${hasEnded ? 'ended' : 'serves nothing'} at ${url}: ${said}`)
  }
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await ended
  }
  return { said: () => said, stop }
}

async function isServed(url: string): Promise<boolean> {
  try {
    const response = await fetch(url)
    await response.body?.cancel()
    return response.ok
  } catch {
    return new Promise((resolve) => setTimeout(resolve, 50, false))
  }
}
