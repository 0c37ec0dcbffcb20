/** One plain line for the person who waits. */
export function say(line = '') {
  process.stdout.write(`${line}\n`)
}

/** Something that the person has to mend. Its message is the one line they are shown; no stack. */
export class CannotGoOn extends Error {}
