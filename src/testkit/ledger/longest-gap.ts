/**
 * The longest time without a success: between neighbours of `times`, before the first of them since `begin`, and after the
 * last of them until `end`. Times need not be sorted; 0 when nothing began.
 */
export function longestGap(times: readonly number[], begin: number | undefined, end: number | undefined): number {
  if (begin === undefined || end === undefined) return 0
  let longest = 0
  let previous = begin
  for (const time of Float64Array.from(times).sort()) {
    longest = Math.max(longest, time - previous)
    previous = time
  }
  return Math.max(longest, end - previous)
}
