export function majorityOf(count: number): number {
  return Math.floor(count / 2) + 1
}
