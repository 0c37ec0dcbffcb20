/** One argument of a command as ioredis' `Command` holds it. */
export type Arg = string | Buffer | number

/** The argument as text; `''` for one that is absent, which equals no keyword and no number. */
export function textOf(arg: Arg | undefined): string {
  if (typeof arg === 'string') return arg
  return arg === undefined ? '' : String(arg)
}

/** The argument as the server compares keywords: without regard to case. */
export function wordOf(arg: Arg | undefined): string {
  return textOf(arg).toUpperCase()
}

/** A whole number, or NaN for anything the server would not take as one. */
export function integerOf(arg: Arg | undefined): number {
  const text = textOf(arg)
  return /^-?\d+$/.test(text) ? Number(text) : NaN
}
