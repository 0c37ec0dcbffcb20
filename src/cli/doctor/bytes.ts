const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** For people: `1.5 MiB`. */
export function bytes(count: number): string {
  const unit = Math.min(UNITS.length - 1, count < 1 ? 0 : Math.floor(Math.log2(count) / 10))
  const value = count / 2 ** (10 * unit)
  return `${Number(value.toFixed(value < 10 ? 1 : 0))} ${UNITS[unit]}`
}
