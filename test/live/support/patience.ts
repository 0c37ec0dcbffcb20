/**
 * How long a busy machine may take for what takes `ms` milliseconds on an idle one. Several test files run at a time, beside other checks, on
 * machines that are shared: what a test looks for with it is that nothing waits for ever, or for another deadline than its own.
 */
export function patiently(ms: number): number {
  return ms * PATIENCE
}

const PATIENCE = 5
