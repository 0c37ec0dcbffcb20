import { posix } from 'node:path'

/** What leads nowhere: the page, and the link in it. */
export interface BrokenLink {
  readonly page: string
  readonly href: string
  readonly reason: string
}

/**
 * Looks at every link of a built site: to a page, to a place in it, to a file.
 *
 * @param pages the HTML of each page, by its path in the output, such as `recipes/nat.html`
 * @param files the path of every file in the output
 */
export function brokenLinks(pages: ReadonlyMap<string, string>, files: ReadonlySet<string>): BrokenLink[] {
  const ids = new Map([...pages].map(([page, html]) => [page, new Set(attributes(html, 'id'))]))
  const broken: BrokenLink[] = []
  for (const [page, html] of pages) {
    for (const href of new Set([...attributes(html, 'href'), ...attributes(html, 'src')])) {
      if (/^([a-z][a-z+.-]*:|\/\/)/i.test(href)) continue
      const [path = '', anchor = ''] = href.split('#')
      const target = path === '' ? page : fileAt(page, decodeURI(path), files)
      if (target === undefined) broken.push({ page, href, reason: 'there is no such file' })
      else if (anchor !== '' && ids.get(target)?.has(decodeURIComponent(anchor)) !== true)
        broken.push({ page, href, reason: `${target} has no such place` })
    }
  }
  return broken
}

/** The file of the output that a path means: as it is, as a page without `.html`, or as a folder's first page. */
function fileAt(page: string, path: string, files: ReadonlySet<string>): string | undefined {
  const from = path.startsWith('/') ? path.slice(1) : posix.join(posix.dirname(page), path)
  const file = from === '.' ? '' : from.replace(/^\.\//, '')
  const possible = file === '' || file.endsWith('/') ? [`${file}index.html`] : [file, `${file}.html`]
  return possible.find((one) => files.has(one))
}

function attributes(html: string, name: string): string[] {
  const found = html.matchAll(new RegExp(`<[^>]*?\\s${name}="([^"]*)"`, 'g'))
  return [...found].map(([, value = '']) => unescaped(value))
}

const unescaped = (value: string): string =>
  value
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
