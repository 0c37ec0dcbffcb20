export const COLOURS = {
  ink: '#24292f',
  faint: '#6e7781',
  line: '#d8dee4',
  old: '#6e7781',
  primary: '#1a7f37',
  replica: '#9ec5fe',
  stable: '#1a7f37',
  suspect: '#9a6700',
  failover: '#cf222e',
  writes: '#cf222e',
  reads: '#0969da'
} as const

/** What all figures have: a width, and a white ground, so that they look the same on a light and on a dark page. */
export const frameOf = {
  width: 760,
  right: 16,
  svg: (title: string, height: number, parts: readonly string[]): string =>
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${frameOf.width} ${height}" width="${frameOf.width}" height="${height}" role="img" aria-label="${title}" font-family="ui-sans-serif, system-ui, sans-serif" font-size="12" fill="${COLOURS.ink}">
<title>${title}</title>
<rect width="${frameOf.width}" height="${height}" rx="6" fill="#ffffff" stroke="${COLOURS.line}"/>
${parts.join('\n')}
</svg>
`
}

interface WordOptions {
  readonly colour?: string
  readonly anchor?: 'start' | 'middle' | 'end'
}

export function words(x: number, y: number, text: string, { colour, anchor = 'start' }: WordOptions = {}): string {
  const fill = colour === undefined ? '' : ` fill="${colour}"`
  const where = anchor === 'start' ? '' : ` text-anchor="${anchor}"`
  return `<text x="${round(x)}" y="${round(y)}"${where}${fill}>${escaped(text)}</text>`
}

interface Bar {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export function bars(each: readonly Bar[], colour: string): string {
  const drawn = each
    .filter(({ height }) => height > 0)
    .map(
      (bar) =>
        `<path d="M${round(bar.x)} ${round(bar.y)}h${round(bar.width)}v${round(bar.height)}h${round(-bar.width)}z"/>`
    )
  return `<g fill="${colour}">${drawn.join('')}</g>`
}

export const round = (value: number): number => Math.round(value * 10) / 10

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
