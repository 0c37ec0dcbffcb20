import { type Browser, chromium, type Page } from 'playwright-core'
import { findChromium } from '../../../scripts/lib/chromium.mjs'

export const NO_BROWSER = 'there is no Chromium on the PATH: npm run test:dashboard installs one'

/** A headless Chromium, or undefined where there is none. */
export async function openBrowser(): Promise<Browser | undefined> {
  const executablePath = findChromium()
  if (executablePath === undefined) return undefined
  // Chromium's sandbox does not run as root.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return chromium.launch({ executablePath, args: [...args, '--disable-gpu'] })
}

/** All that a page asks for, and all that went wrong in it. */
export function watchPage(page: Page): { readonly asked: string[]; readonly wrong: string[] } {
  const asked: string[] = []
  const wrong: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  page.on('pageerror', (error) => wrong.push(error.message))
  page.on('console', (message) => {
    if (!['error', 'warning'].includes(message.type())) return
    // The tests look at the pixels of a plot, again until they are drawn.
    if (!message.text().startsWith('Canvas2D: Multiple readback operations')) wrong.push(message.text())
  })
  return { asked, wrong }
}
