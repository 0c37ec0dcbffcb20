import { BROWSER_PAGES, browserScript, plotStyle } from '../../src/cli/browser/bundle.mjs'

/**
 * For esbuild: what src/cli/browser/bundle.mjs makes when it is asked, as finished texts in its place.
 * @returns {import('esbuild').Plugin}
 */
export function browserPages() {
  return {
    name: 'browser-pages',
    setup(build) {
      build.onLoad({ filter: /[\\/]cli[\\/]browser[\\/]bundle\.mjs$/ }, () => ({
        loader: 'js',
        contents: `const scripts = ${JSON.stringify(Object.fromEntries(BROWSER_PAGES.map((page) => [page, browserScript(page)])))}
export const browserScript = (page) => scripts[page]
export const plotStyle = () => ${JSON.stringify(plotStyle())}`
      }))
    }
  }
}
