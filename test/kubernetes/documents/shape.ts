/** What stays of a text when all that is another one each time is covered: ids, pods' random ends, addresses, times and numbers. */
export function shapeOf(text: string): string {
  return text
    .replaceAll(/\b[0-9a-f]{40}\b/g, '<id>')
    .replaceAll(/-[0-9a-f]{10}-[0-9a-f]{5}\b/g, '-<hash>')
    .replaceAll(/\d+(?:[.:,]\d+)*/g, '<n>')
    .replaceAll(/ +/g, ' ')
}

/** Where two texts differ in shape, as lines of a diff by place; nothing when they do not. */
export function shapeDifference(documented: string, printed: string): string | undefined {
  const [wanted, got] = [documented, printed].map((text) => shapeOf(text).split('\n'))
  if (wanted === undefined || got === undefined) return undefined
  const at = Array.from({ length: Math.max(wanted.length, got.length) }, (_, index) => index).find(
    (index) => wanted[index] !== got[index]
  )
  if (at === undefined) return undefined
  const line = (text: string): string => text.split('\n')[at] ?? '(nothing more)'
  return `line ${at + 1} is\n    ${line(printed)}\n  and is documented as\n    ${line(documented)}`
}
