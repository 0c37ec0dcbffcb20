import type { Examination } from './examination.js'

/** `error`: it does not work, or will not survive the next failure. `warning`: it costs when something else goes wrong. `note`: worth knowing. */
export type Severity = 'error' | 'warning' | 'note'

/** Something that may be wrong with a group, and how it is recognised. Pure. */
export interface Rule {
  /** Its name for people and programs; never changed. */
  readonly code: string
  readonly severity: Severity
  /** What is wrong, and what that costs. */
  readonly meaning: string
  /** The line or command that ends it; `{word}` is filled with what was found, `<word>` is left to the reader. */
  readonly remedy: string
  readonly find: (examination: Examination) => readonly Sign[]
}

/** Where a rule found what it looks for. */
export interface Sign {
  /** The server, `host:port`; absent when it is about the whole group. */
  readonly at?: string
  /** What was read. */
  readonly evidence: string
  /** For the braces in the remedy; `{name}` is the group's. */
  readonly fill?: Readonly<Record<string, string | number>>
}

export interface Finding {
  readonly code: string
  readonly severity: Severity
  readonly meaning: string
  readonly at?: string
  readonly evidence: string
  readonly remedy: string
}
