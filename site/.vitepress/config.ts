import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { slug } from 'github-slugger'
import { type DefaultTheme, defineConfig } from 'vitepress'
import { brokenLinks } from '../check-links.js'
import { hrefOf, pageOf } from '../links.js'
import { decisions, GROUPS, type NavigationPage } from '../navigation.js'
import { DOCS, linked, ROOT } from '../repository.js'

const API_SIDEBAR = join(ROOT, 'site/api/typedoc-sidebar.json')

const item = ({ text, page }: NavigationPage): DefaultTheme.SidebarItem => ({
  text,
  link: `/${page.replace(/(^|\/)index$/, '$1')}`
})

const sidebar: DefaultTheme.SidebarItem[] = [
  ...GROUPS.map(({ text, pages }) => ({ text, items: pages.map(item) })),
  { text: 'Decisions', collapsed: true, items: decisions(DOCS).map(item) },
  { text: 'API reference', link: '/api/' },
  { text: 'Changelog', link: '/changelog' },
  { text: 'Contributing', link: '/contributing' }
]

const apiSidebar = (): DefaultTheme.SidebarItem[] => [
  { text: '← Documentation', docFooterText: 'Documentation', link: '/start-here' },
  { text: 'API reference', link: '/api/' },
  ...(existsSync(API_SIDEBAR) ? (JSON.parse(readFileSync(API_SIDEBAR, 'utf8')) as DefaultTheme.SidebarItem[]) : []).map(
    (entry) => ({ ...entry, collapsed: false })
  )
]

/** The Markdown file that is being rendered, as the repository has it. The search gives its `path` only. */
const fileOf = ({ realPath, path }: { readonly realPath?: string; readonly path: string }): string =>
  relative(ROOT, realPath ?? path).replaceAll('\\', '/')

export default defineConfig({
  lang: 'en',
  title: 'ioredis-sentinel',
  description: 'An ioredis client that knows Redis Sentinel.',
  srcDir: '..',
  srcExclude: ['!(docs|site|CHANGELOG.md|CONTRIBUTING.md)/**'],
  outDir: './dist',
  cacheDir: './.vitepress/cache',
  // The index of the search is the largest file, and is asked for only when somebody searches.
  vite: { build: { chunkSizeWarningLimit: 1500 } },
  rewrites: pageOf,
  // Files that are no pages; the check at the end looks at them too.
  ignoreDeadLinks: [/^\/files\//],
  themeConfig: {
    nav: [
      { text: 'Start here', link: '/start-here' },
      { text: 'Options', link: '/options' },
      { text: 'Guarantees', link: '/guarantees' },
      { text: 'API', link: '/api/' }
    ],
    sidebar: { '/': sidebar, '/api/': apiSidebar() },
    outline: [2, 3],
    search: { provider: 'local' }
  },
  markdown: {
    // Headings have the anchors that they have on GitHub, so that a link works in both.
    anchor: { slugify: (text) => slug(text) },
    toc: { slugify: (text) => slug(text) },
    config: (md) => {
      md.core.ruler.push('links-of-the-repository', ({ tokens, env }) => {
        for (const token of tokens.flatMap(({ children }) => children ?? [])) {
          const href = token.type === 'link_open' ? token.attrGet('href') : null
          if (href !== null) token.attrSet('href', hrefOf(fileOf(env as Parameters<typeof fileOf>[0]), href))
        }
      })
    }
  },
  buildEnd: ({ outDir }) => {
    for (const file of linked('file')) {
      const copy = join(outDir, 'files', file)
      mkdirSync(dirname(copy), { recursive: true })
      cpSync(join(ROOT, file), copy)
    }
    const files = readdirSync(outDir, { recursive: true, encoding: 'utf8' }).map((path) => path.replaceAll('\\', '/'))
    const pages = files.filter((file) => file.endsWith('.html') && !file.startsWith('files/'))
    const broken = brokenLinks(
      new Map(pages.map((page) => [page, readFileSync(join(outDir, page), 'utf8')])),
      new Set(files)
    )
    if (broken.length > 0)
      throw new Error(
        `broken links:\n${broken.map(({ page, href, reason }) => `  ${page}: ${href}: ${reason}`).join('\n')}`
      )
  }
})
