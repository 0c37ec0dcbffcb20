/** What an error is counted under: its `code`, else the first word of a server's reply (`READONLY`), else its name. */
export function errorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error)
  if ('code' in error && typeof error.code === 'string') return error.code
  const message = 'message' in error ? String(error.message) : ''
  const word = /^-?([A-Z][A-Z0-9_]+)(?: |$)/.exec(message)?.[1]
  return word ?? ('name' in error ? String(error.name) : 'Error')
}

export function countByCode(errors: readonly unknown[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const error of errors) {
    const code = errorCode(error)
    counts[code] = (counts[code] ?? 0) + 1
  }
  return counts
}
