import type { SourceFile } from './source-tree.js'

export interface Allowance {
  /** A folder (`testkit/`) or file, relative to src/. */
  readonly where: string
  /** Matched against a whole word, with the letters, digits and `+ - @ _` around it. */
  readonly words: RegExp
  readonly reason: string
}

const WIRE_WORD = /[\w@+-]*(?:master|slave)[\w@-]*/gi

/** `file:line word` for each wire word that no allowance covers: in code, in a string, in a comment. */
export function wireWords(files: readonly SourceFile[], allowances: readonly Allowance[]): string[] {
  return found(files)
    .filter(({ path, word }) => !allowances.some((allowance) => covers(allowance, path, word)))
    .map(({ path, line, word }) => `${path}:${line} ${word}`)
}

/** Allowances that nothing needs any more. */
export function unusedAllowances(files: readonly SourceFile[], allowances: readonly Allowance[]): string[] {
  const words = found(files)
  return allowances
    .filter((allowance) => !words.some(({ path, word }) => covers(allowance, path, word)))
    .map(({ where, words: pattern }) => `${where} ${String(pattern)}`)
}

function found(files: readonly SourceFile[]) {
  return files.flatMap(({ path, text }) =>
    text
      .split('\n')
      .flatMap((content, index) => [...content.matchAll(WIRE_WORD)].map(([word]) => ({ path, line: index + 1, word })))
  )
}

function covers({ where, words }: Allowance, path: string, word: string): boolean {
  return path.startsWith(where) && words.test(word)
}
