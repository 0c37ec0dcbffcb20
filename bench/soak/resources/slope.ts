import { median } from '../../median.js'

/**
 * Theil–Sen: the median of the slopes between all pairs of points. Up to 29 % of the values may be wild without moving it, so
 * that a few samples of a busy machine do not make a leak, or hide one. 0 of fewer than two points.
 */
export function theilSen(
  values: readonly number[],
  positions: readonly number[] = values.map((_, index) => index)
): number {
  const slopes: number[] = []
  for (let left = 0; left < values.length; left += 1) {
    for (let right = left + 1; right < values.length; right += 1) {
      const run = (positions[right] ?? 0) - (positions[left] ?? 0)
      if (run !== 0) slopes.push(((values[right] ?? 0) - (values[left] ?? 0)) / run)
    }
  }
  return slopes.length === 0 ? 0 : median(slopes)
}
