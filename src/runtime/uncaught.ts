/** Calls into the application. What it throws is the application's: uncaught, and not in the way of what goes on here. */
export function callApplication(call: () => void): void {
  try {
    call()
  } catch (error) {
    process.nextTick(() => {
      throw error
    })
  }
}
