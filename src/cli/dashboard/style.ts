/** What the dashboard adds to the style of the reports. */
export const DASHBOARD_STYLE = `
:root { --ok-back: #eef9f1; --warn-back: #fdf3dc; --trouble-back: #fdecec; --edge: #c3cbd3; --focus: #1d4ed8 }
@media (prefers-color-scheme: dark) { :root { --ok-back: #15281c; --warn-back: #2c2412; --trouble-back: #331a1a; --edge: #46515c; --focus: #7aa7ff } }
[hidden] { display: none !important }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 4px }
.skip { position: absolute; left: .6rem; top: -4rem; padding: .5rem .8rem; background: var(--back); color: var(--write); z-index: 2 }
.skip:focus { top: .6rem }
header { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem 1.4rem; padding: .8rem 1.2rem; border-bottom: 1px solid var(--grid);
  background: var(--panel) }
.headline { display: flex; align-items: center; gap: .9rem; flex-wrap: wrap }
header h1 { margin: 0; overflow-wrap: anywhere }
.phase { margin: 0; padding: .15rem .75rem; border-radius: 1rem; font-weight: 600; border: 1px solid var(--edge) }
.phase.stable { color: var(--promotion); background: var(--ok-back); border-color: currentColor }
.phase.suspect, .phase.verifying { color: var(--warn); background: var(--warn-back); border-color: currentColor }
.phase.failover { color: var(--trouble); background: var(--trouble-back); border-color: currentColor }
.facts { display: flex; flex-wrap: wrap; gap: .2rem 1.4rem; margin: 0; font-size: 13.5px }
.facts div { display: flex; gap: .4rem }
dt { color: var(--faint) }
dd { margin: 0; font-variant-numeric: tabular-nums; font-weight: 600 }
.link { margin: 0 0 0 auto; font-size: 13.5px; color: var(--faint) }
.link.lost { color: var(--trouble); font-weight: 600 }
.link::before { content: "●"; margin-right: .4rem; color: var(--promotion) }
.link.lost::before { color: var(--trouble) }
.link:empty::before { content: none }
.unheard .headline, .unheard .facts, .unheard .board > :not(.at-plots, .at-failovers) { filter: grayscale(1) }
.unheard::after { content: ""; position: fixed; inset: 0; z-index: 1; pointer-events: none; border: 7px solid var(--trouble);
  border-image: repeating-linear-gradient(135deg, var(--trouble) 0 8px, transparent 8px 16px) 7 }
.board { max-width: 1440px; padding: 0 1.2rem 3rem }
.board h2 { margin: 1.3rem 0 .6rem }
@media (min-width: 1000px) { .board { display: grid; gap: 0 2rem; grid-template-columns: minmax(0, 1fr) 350px; grid-template-rows: auto auto 1fr auto }
  .at-side { grid-column: 2; grid-row: 1 / span 3 } .at-topology, .at-failovers, .at-plots { grid-column: 1 } .at-tables { grid-column: 1 / span 2 }
  .events { max-height: 720px !important } }
.faults { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: .45rem }
button { font: inherit; font-size: 14px; color: var(--text); background: var(--back); border: 1px solid var(--edge); border-radius: 6px;
  padding: .42rem .7rem; cursor: pointer; text-align: left; min-height: 38px }
button:hover:not(:disabled) { border-color: var(--text); background: var(--panel) }
button:disabled { color: var(--faint); cursor: not-allowed; border-style: dashed }
.unheard .board button { cursor: not-allowed; border-style: dashed }
button.danger, button.first { border-color: var(--trouble); color: var(--trouble); font-weight: 600 }
button.heal { border-color: var(--promotion); color: var(--promotion); font-weight: 600; width: 100%; text-align: center }
.hint { min-height: 2.9em; font-size: 13px; margin: .5rem 0 0 }
.outcome { min-height: 1.5em; font-size: 13.5px; color: var(--faint); overflow-wrap: anywhere }
.outcome.bad { color: var(--trouble) }
.numbers { display: grid; grid-template-columns: repeat(auto-fit, minmax(98px, 1fr)); gap: .5rem .8rem; margin: 0 }
.numbers div { border-left: 3px solid var(--grid); padding-left: .6rem }
.numbers div.alert { border-color: var(--warn) }
.numbers dt { font-size: 12.5px; line-height: 1.25 }
.numbers dd { font-size: .95rem; overflow-wrap: anywhere }
.events { max-height: 300px; overflow-y: auto; font-size: 13px }
.events ol { list-style: none; margin: 0; padding: 0 }
.events li { display: grid; grid-template-columns: 7.4em minmax(0, 1fr); gap: 0 .6rem; padding: .22rem 0; border-bottom: 1px solid var(--grid); overflow-wrap: anywhere }
.events time { color: var(--faint); font-variant-numeric: tabular-nums }
.events .bad span { color: var(--trouble) }
.events .e-failover span, .events .e-primary-changed span { color: var(--promotion); font-weight: 600 }
.events .e-failover-started span { color: var(--warn); font-weight: 600 }
#topology svg { display: block; width: 100%; height: auto }
#topology text { font: 12.5px system-ui, sans-serif; fill: var(--text) }
#topology .address { font: 600 12.5px ui-monospace, "DejaVu Sans Mono", monospace }
#topology .faint { fill: var(--faint) }
#topology .place { transition: transform .6s ease }
#topology rect.box { fill: var(--panel); stroke: var(--edge); stroke-width: 1.3 }
#topology .primary rect.box { fill: var(--ok-back); stroke: var(--promotion); stroke-width: 2 }
#topology .link-down rect.box, #topology .mute rect.box { fill: var(--warn-back); stroke: var(--warn) }
#topology .down rect.box { fill: var(--trouble-back); stroke: var(--trouble); stroke-dasharray: 6 4 }
#topology .candidate rect.box { stroke: var(--promotion); stroke-width: 3; stroke-dasharray: none; fill: var(--ok-back) }
#topology .leads rect.box { stroke: var(--write); stroke-width: 2.5 }
#topology .role { font-weight: 700; font-size: 11px; letter-spacing: .05em; text-transform: uppercase; fill: var(--faint) }
#topology .primary .role { fill: var(--promotion) } #topology .down .role { fill: var(--trouble) } #topology .link-down .role, #topology .mute .role, #topology .mute .figures { fill: var(--warn) }
#topology .note { font-size: 12px } #topology .sentinel .note { fill: var(--warn) } #topology .leads .note { fill: var(--write); font-weight: 600 } #topology .down .note { fill: var(--trouble) } #topology .link-down .note { fill: var(--warn) }
#topology .candidate .note { fill: var(--promotion); font-weight: 600 }
#topology path { fill: none; stroke-width: 2; stroke: var(--promotion) }
#topology path.link-down { stroke: var(--warn); stroke-dasharray: 6 5 }
#topology path.down { stroke: var(--trouble); stroke-dasharray: 2 6 }
#topology path.watch { stroke: var(--edge); stroke-width: 1.2; stroke-dasharray: 3 4 }
#topology path.watch.away { stroke: var(--warn) }
#topology .bar { fill: var(--grid) } #topology .lag { fill: var(--write) }
#plots .plot { margin: 0 0 1.1rem }
#plots .canvas, .failover .canvas { min-height: 190px }
.u-legend .u-series { padding: 0 }
.legend { display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; font-size: 12.5px; margin: 0; padding: 0; list-style: none }
.legend li::before { content: "━ "; font-weight: 700 }
.legend .write::before { color: var(--write) } .legend .read::before { color: var(--read) }
.legend .node-0::before { color: var(--node-0) } .legend .node-1::before { color: var(--node-1) } .legend .node-2::before { color: var(--node-2) }
.legend .node-3::before { color: var(--node-3) } .legend .node-4::before { color: var(--node-4) } .legend .node-5::before { color: var(--node-5) }
.failover { border: 1px solid var(--grid); border-left: 4px solid var(--promotion); border-radius: 4px; margin-bottom: .5rem; padding: 0 .8rem }
.failover.aborted { border-left-color: var(--warn) }
.failover summary { padding: .5rem 0; overflow-wrap: anywhere }
.failover .when { color: var(--faint); font-variant-numeric: tabular-nums; margin-right: .5rem }
.failover .calls { color: var(--faint); font-size: 13px; margin: .1rem 0 }
.failover[open] { padding-bottom: .8rem }
.failover .timeline { max-height: 420px; overflow: auto }
td.trouble { color: var(--trouble) } td.warn { color: var(--warn) }
#nodes td, #sentinels td { white-space: nowrap }
dialog { border: 1px solid var(--edge); border-radius: 8px; background: var(--back); color: var(--text); max-width: min(32rem, 92vw) }
dialog::backdrop { background: rgb(0 0 0 / .5) }
dialog .buttons { display: flex; gap: .6rem; justify-content: flex-end; margin-top: 1rem }
@media (max-width: 600px) { header, .board { padding-left: .8rem; padding-right: .8rem } .link { margin-left: 0 } button { min-height: 44px } }
@media (prefers-reduced-motion: reduce) { #topology .place { transition: none !important } }
`
