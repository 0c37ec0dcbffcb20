import { posix } from 'node:path'

/** Files of the repository beside docs/ that are pages of their own. */
const PAGES: Readonly<Record<string, string>> = {
  'CHANGELOG.md': 'changelog.md',
  'CONTRIBUTING.md': 'contributing.md'
}

/** Where a Markdown file of the repository stands in the site. */
export function pageOf(file: string): string {
  return PAGES[file] ?? file.replace(/^(docs|site)\//, '')
}

export type Target =
  /** An address on the web, or a place in the same page: as it is. */
  | { readonly kind: 'as it is' }
  /** A page of the site. */
  | { readonly kind: 'page'; readonly path: string }
  /** A file of the repository that is shown as a page: a source, or a folder of them. */
  | { readonly kind: 'source'; readonly path: string }
  /** A file that is served as it is. */
  | { readonly kind: 'file'; readonly path: string }

/** What a link in a Markdown file of the repository means. Paths are those in the repository, without `#…`. */
export function targetOf(from: string, href: string): Target {
  // What is generated below site/ has links for the site already.
  if (from.startsWith('site/') || /^([a-z][a-z+.-]*:|#|\/)/i.test(href)) return { kind: 'as it is' }
  const [path = ''] = href.split('#')
  const file = posix.normalize(posix.join(posix.dirname(from), path)).replace(/\/$/, '')
  if (file in PAGES || (file.startsWith('docs/') && file.endsWith('.md'))) return { kind: 'page', path: file }
  if (/^docs\/.*\.(html|json)$/.test(file)) return { kind: 'file', path: file }
  return { kind: 'source', path: file }
}

/** The same link as the site has it. */
export function hrefOf(from: string, href: string): string {
  const target = targetOf(from, href)
  if (target.kind === 'as it is') return href
  const at = href.indexOf('#')
  const anchor = at === -1 ? '' : href.slice(at)
  if (target.kind === 'page') return `/${pageOf(target.path)}${anchor}`
  // A source page has no headings, and its lines no anchors.
  if (target.kind === 'source') return `/source/${target.path}.md`
  return `/files/${target.path}${anchor}`
}

/** What the links of a Markdown text lead to; those in code are none, and pictures neither. */
export function hrefsIn(markdown: string): string[] {
  const prose = markdown
    .replace(/^```[^]*?^```/gm, '')
    .replace(/`[^`\n]*`/g, '``')
    .replace(/!\[[^\]]*\]\([^)]*\)/g, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, href = '']) => href)
}
