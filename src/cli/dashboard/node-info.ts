import type { NodeNumbers } from './messages.js'

/** What INFO counts; the numbers of a second are made of two of these. */
export interface InfoCounts {
  readonly commands: number | null
  readonly clients: number | null
  readonly memoryBytes: number | null
  readonly offset: number | null
  readonly version: string | null
}

/** Reads the answer to INFO. */
export function parseInfo(info: string): InfoCounts {
  const field = (name: string): string | undefined => new RegExp(`^${name}:([^\\r\\n]*)`, 'm').exec(info)?.[1]
  const count = (name: string): number | null => {
    const text = field(name)
    return text !== undefined && /^\d+$/.test(text) ? Number(text) : null
  }
  return {
    commands: count('total_commands_processed'),
    clients: count('connected_clients'),
    memoryBytes: count('used_memory'),
    // A replica says both; its own is how far it has got.
    offset: count('slave_repl_offset') ?? count('master_repl_offset'),
    version: field('valkey_version') ?? field('redis_version') ?? null
  }
}

/** Commands a second between two answers; null when it was restarted in between, or one of them did not say. */
export function opsBetween(before: InfoCounts | undefined, after: InfoCounts, ms: number): number | null {
  if (before?.commands == null || after.commands === null || ms <= 0 || after.commands < before.commands) return null
  return ((after.commands - before.commands) / ms) * 1000
}

export const NO_NUMBERS: NodeNumbers = {
  error: '',
  opsPerSecond: null,
  clients: null,
  memoryBytes: null,
  offset: null,
  roundTripMs: null,
  version: null
}
