import { spawn } from 'node:child_process'
import { pathToFileURL } from 'node:url'

/** Shows a page where there is somebody to see it. Silent when there is no browser: the path was printed. */
export function openPage(path: string): void {
  const command = opener()
  if (command === undefined) return
  const [program, ...args] = command
  const child = spawn(program, [...args, pathToFileURL(path).href], { detached: true, stdio: 'ignore' })
  child.on('error', () => undefined)
  child.unref()
}

function opener(): readonly [string, ...string[]] | undefined {
  if (process.env['CI'] !== undefined || !process.stdout.isTTY) return undefined
  if (process.platform === 'darwin') return ['open']
  if (process.platform === 'win32') return ['cmd', '/c', 'start', '']
  const display = process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']
  return display === undefined || display === '' ? undefined : ['xdg-open']
}
