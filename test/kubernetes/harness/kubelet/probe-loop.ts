import { setTimeout as sleep } from 'node:timers/promises'
import type { Probe } from '../manifests/objects.js'

export interface ProbeResult {
  readonly ok: boolean
  readonly message: string
}

export interface ProbeLoop {
  readonly probe: Probe
  readonly check: (timeoutMs: number) => Promise<ProbeResult>
  /** Told each time a threshold is reached, until it answers `stop`. */
  readonly onVerdict: (result: ProbeResult) => 'go on' | 'stop'
  readonly signal: AbortSignal
}

/** Asks in the kubelet's rhythm: the defaults are those of the API. Ends with the signal. */
export async function runProbe({ probe, check, onVerdict, signal }: ProbeLoop): Promise<void> {
  const { initialDelaySeconds = 0, periodSeconds = 10, timeoutSeconds = 1 } = probe
  const { successThreshold = 1, failureThreshold = 3 } = probe
  let streak: { ok: boolean; count: number } | undefined
  await pause(initialDelaySeconds * 1000, signal)
  let due = performance.now()
  while (!signal.aborted) {
    const result = await check(timeoutSeconds * 1000)
    if (isOver(signal)) return
    streak = { ok: result.ok, count: streak?.ok === result.ok ? streak.count + 1 : 1 }
    if (streak.count >= (result.ok ? successThreshold : failureThreshold) && onVerdict(result) === 'stop') return
    due = Math.max(due + periodSeconds * 1000, performance.now())
    await pause(due - performance.now(), signal)
  }
}

/** The signal may have changed during an await, which the compiler does not believe of a field it has seen. */
const isOver = (signal: AbortSignal): boolean => signal.aborted

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(Math.max(0, ms), undefined, { signal }).catch(() => undefined)
}
