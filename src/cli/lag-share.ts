/** A full bar: beyond it only the figure grows. */
const FULL_BAR_BYTES = 2 ** 20

/** How much of a bar stands for so many bytes of lag, from 0 to 1: every doubling is a step, a byte shows, and a megabyte fills it. */
export function lagShare(bytes: number): number {
  return Math.min(1, Math.log2(bytes + 1) / Math.log2(FULL_BAR_BYTES))
}
