const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** For people: `1.5 MiB`. */
export function bytes(count: number): string {
  return rounded(count).text
}

/** The same where nothing is lost by rounding, else all of it: `1500000 B`. */
export function exactBytes(count: number): string {
  const { text, means } = rounded(count)
  return means === count ? text : `${count} B`
}

function rounded(count: number): { readonly text: string; readonly means: number } {
  const unit = Math.min(UNITS.length - 1, count < 1 ? 0 : Math.floor(Math.log2(count) / 10))
  const size = 2 ** (10 * unit)
  const value = count / size
  const shown = Number(value.toFixed(value < 10 ? 1 : 0))
  return { text: `${shown} ${UNITS[unit]}`, means: shown * size }
}
