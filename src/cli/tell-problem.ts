/** What `--json` has on the standard output where a command found nothing to tell. */
export function printProblem(outcome: 'wrong-usage' | 'failed', problem: string): void {
  process.stdout.write(`${JSON.stringify({ outcome, problem })}\n`)
}

/** Why a command failed, on stderr, and with `--json` on the standard output too. */
export function tellFailure(problem: string, json: boolean): void {
  process.stderr.write(`error: ${problem}\n`)
  if (json) printProblem('failed', problem)
}
