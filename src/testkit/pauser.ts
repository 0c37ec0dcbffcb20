import { spawn } from 'node:child_process'
import { FaultUnavailableError } from './errors.js'

const RUN_MS = 2

// Ends when the pipe to it closes, so it cannot outlive the process that slows the server.
const SOURCE = `
'use strict'
const [pid, pauseMs, runMs] = process.argv.slice(1).map(Number)
const send = (signal) => { try { process.kill(pid, signal) } catch { process.exit(0) } }
const pause = () => { send('SIGSTOP'); setTimeout(run, pauseMs) }
const run = () => { send('SIGCONT'); setTimeout(pause, runMs) }
const end = () => { send('SIGCONT'); process.exit(0) }
process.stdin.on('close', end)
process.stdin.on('error', end)
process.stdin.resume()
pause()
process.stdout.write('ready')
`

/**
 * Lets a process run for 2 ms and pauses it for `pauseMs`, in turn, from a process of its own.
 *
 * @returns what ends it; the process runs freely when that has resolved.
 */
export async function pauseInTurn(pid: number, pauseMs: number): Promise<() => Promise<void>> {
  const child = spawn(process.execPath, ['-e', SOURCE, String(pid), String(pauseMs), String(RUN_MS)], {
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
    cwd: '/',
    env: { ...process.env, NODE_OPTIONS: '' }
  })
  const gone = new Promise<void>((resolve) =>
    child.once('close', () => {
      resolve()
    })
  )
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => {
      reject(new FaultUnavailableError(`slow: process ${pid} ended before it could be paused`))
    })
    child.stdout.once('data', () => {
      resolve()
    })
  })
  return async () => {
    child.stdin.destroy()
    await gone
  }
}
