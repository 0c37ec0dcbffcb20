import { buildSync } from 'esbuild'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

/** The pages of this command line that run something in a browser: each is a folder here, with a main.ts. */
export const BROWSER_PAGES = /** @type {const} */ (['dashboard', 'report'])

/**
 * The page's script, with all that it imports. This file runs only where the sources do: a build puts the finished texts in its
 * place (scripts/lib/browser-pages.mjs), so that what is published needs no bundler.
 * @param {typeof BROWSER_PAGES[number]} page
 * @returns {string}
 */
export function browserScript(page) {
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(new URL(`./${page}/main.ts`, import.meta.url))],
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    target: 'es2022',
    charset: 'utf8'
  })
  return outputFiles[0]?.text ?? ''
}

/**
 * The style that uPlot's plots need.
 * @returns {string}
 */
export function plotStyle() {
  return readFileSync(createRequire(import.meta.url).resolve('uplot/dist/uPlot.min.css'), 'utf8')
}
