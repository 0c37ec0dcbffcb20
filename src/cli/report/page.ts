import { browserScript, plotStyle } from '../browser/bundle.mjs'
import { escapeHtml } from './escape.js'
import { STYLE } from './style.js'

/** A block of a page: a heading and what stands under it, already HTML. */
export interface Section {
  readonly heading: string
  readonly html: string
}

export interface Page {
  readonly title: string
  /** Under the title, already HTML. */
  readonly lead: string
  readonly sections: readonly Section[]
}

/** A whole document that needs nothing but itself: style and scripts stand in it, nothing is loaded from anywhere. */
export function renderPage(page: Page): string {
  const sections = page.sections.map(
    (section) => `<section>\n<h2>${escapeHtml(section.heading)}</h2>\n${section.html}\n</section>`
  )
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${escapeHtml(page.title)}</title>
<style>${plotStyle()}${STYLE}</style>
</head>
<body>
<main>
<h1>${escapeHtml(page.title)}</h1>
${page.lead}
${sections.join('\n')}
</main>
<script>${browserScript('report').replaceAll('</script', '<\\/script')}</script>
</body>
</html>
`
}

/** Rows of text; cells are escaped here. `states` colours a row by the class of that name. */
export function tableHtml(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  states: readonly (string | undefined)[] = []
): string {
  const cells = (row: readonly string[], tag: 'th' | 'td'): string =>
    row.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('')
  const body = rows.map((row, index) => `<tr class="${escapeHtml(states[index] ?? '')}">${cells(row, 'td')}</tr>`)
  return `<div class="scroll"><table><thead><tr>${cells(head, 'th')}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`
}
