import { browserScript, plotStyle } from '../browser/bundle.mjs'
import { STYLE } from '../report/style.js'
import { DASHBOARD_STYLE } from './style.js'
import { PAGE } from './page.js'
import type { Assets } from './server.js'

/** All that the page consists of: nothing else is loaded. */
export function pageAssets(): Assets {
  return { html: PAGE, script: browserScript('dashboard'), style: `${plotStyle()}${STYLE}${DASHBOARD_STYLE}` }
}
