/** The greatest of these, which are not negative; 0 of none. */
export function highest(values: readonly number[]): number {
  return values.reduce((max, value) => Math.max(max, value), 0)
}
