import { stripVTControlCharacters } from 'node:util'
import wrapAnsi from 'wrap-ansi'

/** Text behind a margin, at most `columns` wide, broken between words; all in one line without a width, for programs and pipes. */
export function hanging(margin: string, text: string, columns: number | undefined): string {
  if (columns === undefined) return margin + text
  const { length: width } = stripVTControlCharacters(margin)
  const wrapped = wrapAnsi(text, Math.max(20, columns - width), { hard: false })
  return margin + wrapped.replaceAll('\n', `\n${' '.repeat(width)}`)
}
