import { escapeHtml, jsonForScript } from './escape.js'
import { plotSvg } from './plot-svg.js'
import type { Plot } from './plot.js'

/** A figure that draws itself with the page's script, and is a plain SVG where scripts do not run. */
export function plotHtml(plot: Plot): string {
  return `<figure class="plot">
<figcaption><strong>${escapeHtml(plot.title)}</strong> ${escapeHtml(plot.caption)}</figcaption>
<div id="${escapeHtml(plot.id)}" class="canvas" role="img" aria-label="${escapeHtml(`${plot.title}. ${plot.caption}`)}">${plotSvg(plot)}</div>
<script type="application/json" data-plot="${escapeHtml(plot.id)}">${jsonForScript(plot)}</script>
</figure>`
}
