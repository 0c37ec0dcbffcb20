import { readFileSync } from 'node:fs'

/** Processor time since the machine started, in ticks, of all processors together. */
export interface ProcessorTime {
  readonly total: number
  /** Taken by other machines on the same host, while this one had work to do. */
  readonly stolen: number
}

/** From `/proc/stat` (proc(5): user nice system idle iowait irq softirq steal); undefined where there is none. */
export function processorTime(stat = readStat()): ProcessorTime | undefined {
  const words = stat === undefined ? null : /^cpu +([\d ]+)$/m.exec(stat)
  const ticks = words?.[1]?.trim().split(' ').slice(0, 8).map(Number)
  const stolen = ticks?.[7]
  if (ticks === undefined || stolen === undefined) return undefined
  return { total: ticks.reduce((sum, one) => sum + one, 0), stolen }
}

/** The share of it, 0 to 1, that was stolen since `before`; undefined where it is not known. */
export function stolenSince(before: ProcessorTime | undefined, now = processorTime()): number | undefined {
  if (before === undefined || now === undefined || now.total <= before.total) return undefined
  return (now.stolen - before.stolen) / (now.total - before.total)
}

function readStat(): string | undefined {
  try {
    return readFileSync('/proc/stat', 'utf8')
  } catch {
    return undefined
  }
}
