/** How a drill may end other than by its budgets. */
export type Shortfall = 'not-begun' | 'not-done'

/** Why a drill was not begun, or did not become one. The message is all that helps. */
export class DrillError extends Error {
  constructor(
    readonly shortfall: Shortfall,
    message: string,
    options?: ErrorOptions
  ) {
    super(message, options)
    this.name = 'DrillError'
  }
}
