import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/** How long servers may take to end after the test process that started them, before they count as left behind. */
const GRACE_MS = 5_000
const LOOK_EVERY_MS = 100

/**
 * The suite's temporary files all lie in `folder`, so a process with that path in its arguments or environment, or as its
 * working folder, was started by the suite. Such processes, and topology folders in it, are what was left behind: ends the
 * processes, and resolves to one result that names them.
 */
export async function checkNothingLeftBehind(folder) {
  const name = 'nothing left behind'
  const deadline = Date.now() + GRACE_MS
  let processes = processesIn(folder)
  while (processes.length > 0 && Date.now() < deadline) {
    await delay(LOOK_EVERY_MS)
    processes = processesIn(folder)
  }
  for (const { pid } of processes) kill(pid)
  const left = [
    ...processes.map(({ pid, title }) => `process ${pid} (${title})`),
    ...readdirSync(folder)
      .filter((entry) => entry.startsWith('ioredis-sentinel-'))
      .map((entry) => `folder ${entry}`)
  ]
  return left.length === 0 ? { name, state: 'passed' } : { name, state: 'failed', note: left.join(', ') }
}

function processesIn(folder) {
  const all = process.platform === 'linux' ? linuxProcesses() : otherProcesses()
  return all.filter(({ pid, where }) => pid !== process.pid && where.includes(folder))
}

/** No single place tells: redis writes its title over its arguments and environment, a helper may work in another folder. */
function linuxProcesses() {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => {
      try {
        const read = (name) => readFileSync(`/proc/${entry}/${name}`, 'utf8').replaceAll('\0', ' ').trim()
        const title = read('cmdline')
        return [
          { pid: Number(entry), title, where: [title, read('environ'), readlinkSync(`/proc/${entry}/cwd`)].join(' ') }
        ]
      } catch {
        return [] // it ended meanwhile, or is another user's
      }
    })
}

function otherProcesses() {
  const { stdout } = spawnSync('lsof', ['-w', '-d', 'cwd', '-F', 'pcn'], { encoding: 'utf8' })
  return (stdout ?? '')
    .split(/^p/m)
    .filter((block) => block.trim() !== '')
    .map((block) => {
      const [pid, ...lines] = block.split('\n')
      const title = lines.find((line) => line.startsWith('c'))?.slice(1) ?? ''
      return { pid: Number(pid), title, where: block }
    })
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // it ended by itself
  }
}
