/** What an application's own function throws is the application's: uncaught, and not in the way of what called it. */
export function throwUncaught(error: unknown): void {
  process.nextTick(() => {
    throw error
  })
}
