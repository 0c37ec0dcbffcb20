import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { waitUntil } from '../../../../src/testkit/wait-until.js'
import type { Pod } from '../kubelet/pod.js'
import type { Call } from './call.js'
import { podOf, targetOf } from './targets.js'

export interface LogsOptions {
  readonly container?: string | undefined
  readonly follow: boolean
  readonly tail?: number | undefined
  readonly sinceMs?: number | undefined
}

const LOOK_EVERY_MS = 50
/** kubectl's --pod-running-timeout, which is for a pod that something else is about to make, whether it runs or not. */
const RUNNING_WITHIN_MS = 20_000

/** `logs`: what the container's process of now has said, not what those before it had. */
export async function logs(call: Call, word: string, options: LogsOptions): Promise<void> {
  const target = targetOf(word)
  const { cluster, signal, out } = call
  if (target.kind !== 'Pod') cluster.objects.get(target.kind, target.name)
  const pod =
    target.kind === 'Pod'
      ? podOf(cluster, target)
      : await waitUntil(`a pod of ${word}`, RUNNING_WITHIN_MS, async () => ({ done: podOf(cluster, target) }))
  const name = options.container ?? pod.setup.spec.containers[0]?.name ?? ''
  const process = pod.phase === 'Pending' ? undefined : pod.container(name).process
  // kubectl waits for a pod, not for its container (kubernetes#28746).
  if (process === undefined)
    throw new Error(`container "${name}" in pod "${pod.name}" is waiting to start: ContainerCreating`)
  const file = pod.logFile(name)
  const since = options.sinceMs === undefined ? 0 : call.logClock.sizeBefore(file, options.sinceMs)
  let at = Math.max(process.logFrom, since)
  const first = read(file, at)
  at += first.length
  out(lastLines(first, options.tail))
  while (options.follow && !signal.aborted) {
    // Before it is read, so that the last words are not missed.
    const over = hasEnded(pod)
    const more = read(file, at)
    at += more.length
    if (more.length > 0) out(more)
    else if (over) return
    await sleep(LOOK_EVERY_MS)
  }
}

const hasEnded = (pod: Pod): boolean => pod.deleted || pod.phase === 'Succeeded' || pod.phase === 'Failed'

function read(file: string, from: number): Buffer {
  const length = Math.max(0, (statSync(file, { throwIfNoEntry: false })?.size ?? 0) - from)
  if (length === 0) return Buffer.alloc(0)
  const descriptor = openSync(file, 'r')
  try {
    const buffer = Buffer.alloc(length)
    return buffer.subarray(0, readSync(descriptor, buffer, 0, length, from))
  } finally {
    closeSync(descriptor)
  }
}

function lastLines(text: Buffer, count: number | undefined): Buffer | string {
  if (count === undefined) return text
  const lines = text.toString('utf8').split(/(?<=\n)/)
  return count === 0 ? '' : lines.slice(-count).join('')
}
