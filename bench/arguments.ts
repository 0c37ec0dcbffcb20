import { type Command, CommanderError, InvalidArgumentError } from 'commander'

/** For commander: a comma-separated list of allowed names, in their order, or "all". */
export function listOf<Name extends string>(allowed: readonly Name[]): (text: string) => readonly Name[] {
  return (text) => {
    if (text === 'all') return allowed
    const names = text.split(',').map((name) => name.trim())
    const unknown = names.filter((name) => !(allowed as readonly string[]).includes(name))
    if (unknown.length === 0) return allowed.filter((name) => names.includes(name))
    throw new InvalidArgumentError(`"${unknown.join('", "')}" is not known; allowed are ${allowed.join(', ')}, all.`)
  }
}

/** For commander: a whole number in a range. */
export function wholeFrom(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() !== '' && Number.isInteger(value) && value >= min && value <= max) return value
    throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`)
  }
}

/** Has the command read these words. The exit code when help was asked for, or something was wrong, and that has been said; else undefined. */
export function readArguments(
  command: Command,
  argv: readonly string[],
  say: ((text: string) => void) | undefined
): number | undefined {
  if (say !== undefined) command.configureOutput({ writeErr: say, writeOut: say })
  try {
    command.exitOverride().parse(argv, { from: 'user' })
    return undefined
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    throw error
  }
}
