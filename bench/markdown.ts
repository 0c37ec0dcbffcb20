export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/**
 * Puts parts in place of what stands between `<!-- name -->` and `<!-- /name -->`; all else is left as it is.
 *
 * @throws Error when the document has none of these places, or one that does not end.
 */
export function fillPlaces(document: string, parts: Readonly<Record<string, string>>): string {
  const places = Object.keys(parts).filter((name) => document.includes(opening(name)))
  if (places.length === 0) {
    throw new Error(`the document has no place for a table; known are ${Object.keys(parts).map(opening).join(', ')}`)
  }
  return places.reduce((filled, name) => put(filled, name, parts[name] ?? ''), document)
}

function opening(name: string): string {
  return `<!-- ${name} -->`
}

function put(document: string, name: string, part: string): string {
  const [open, close] = [opening(name), `<!-- /${name} -->`]
  const [from, to] = [document.indexOf(open), document.indexOf(close)]
  if (to < from) throw new Error(`the place ${open} of the document does not end: ${close} is expected after it`)
  return `${document.slice(0, from + open.length)}\n\n${part}\n\n${document.slice(to)}`
}
