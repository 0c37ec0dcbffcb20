/** Of an even number of values, the mean of the two in the middle. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const [below, above] = [sorted[(sorted.length - 1) >> 1] ?? NaN, sorted[sorted.length >> 1] ?? NaN]
  return below === above ? below : (below + above) / 2
}

/**
 * Where the median of what these values are drawn from lies, with 95 % certainty: between two of them, by their ranks (the sign
 * test, in its normal approximation). With fewer than six values, from the least to the greatest. NaN of none.
 */
export function medianInterval(values: readonly number[]): readonly [number, number] {
  const sorted = [...values].sort((a, b) => a - b)
  const below = Math.max(0, Math.floor((sorted.length - 1.96 * Math.sqrt(sorted.length)) / 2))
  return [sorted[below] ?? NaN, sorted[sorted.length - 1 - below] ?? NaN]
}
