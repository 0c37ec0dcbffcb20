import { tellFailure } from './tell-problem.js'

/** EX_SOFTWARE of sysexits.h, which no command has for anything of its own. */
export const UNFORESEEN = 70

export const UNFORESEEN_HELP = `
Any command exits with ${UNFORESEEN} for an error that nobody foresaw, and instead of with 0 where a part of its output could not be written, as
on a full disk; a line on stderr says what it was.`

/** Tells in one line what was thrown that no command knows of. */
export function tellUnforeseen(error: unknown, json: boolean): void {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  tellFailure(text.replaceAll(/\s*\n\s*/g, ' '), json)
}
