/** The page's style: readable at any width, light or dark as the system is. */
export const STYLE = `
:root { --back: #fff; --text: #1f2933; --faint: #5b6770; --grid: #d9dee3; --panel: #f5f7f9;
  --write: #1d4ed8; --read: #0f766e; --trouble: #c81e1e; --promotion: #15803d; --sentinel: #6b7280; --warn: #92600a;
  --node-0: #1d4ed8; --node-1: #b45309; --node-2: #0f766e; --node-3: #a21caf; --node-4: #be123c; --node-5: #4d7c0f }
@media (prefers-color-scheme: dark) { :root { --back: #14181d; --text: #d7dde3; --faint: #98a4ae; --grid: #2d353d; --panel: #1c2228;
  --write: #7aa7ff; --read: #3fd0c0; --trouble: #ff7b72; --promotion: #56d364; --sentinel: #97a1ab; --warn: #e3b341;
  --node-0: #7aa7ff; --node-1: #f0a35e; --node-2: #3fd0c0; --node-3: #e38bf0; --node-4: #ff8fa3; --node-5: #a3d65c } }
* { box-sizing: border-box }
body { margin: 0; background: var(--back); color: var(--text); font: 15px/1.5 system-ui, sans-serif }
main { max-width: 1160px; margin: 0 auto; padding: .8rem 1rem 3rem }
h1 { font-size: 1.4rem; line-height: 1.25; margin: 0 0 .2rem }
h2 { font-size: 1.1rem; margin: 2rem 0 .6rem }
p { margin: .4rem 0 }
.faint { color: var(--faint) }
.timeline { font-size: 13px }
.timeline td:nth-child(-n+3) { white-space: nowrap }
.verdict { padding: .4rem .8rem; border-left: 4px solid; background: var(--panel); overflow-wrap: anywhere }
.verdict strong { font-size: .9rem }
.verdict.pass { border-color: var(--promotion) }
.verdict.fail { border-color: var(--trouble) }
.plot { margin: .6rem 0 1rem }
figcaption { margin-bottom: .3rem; color: var(--faint); font-size: 13px }
figcaption strong { color: var(--text) }
.canvas { width: 100%; min-height: 200px }
.u-legend { font-size: 13px; text-align: left }
.u-legend .u-value { font-variant-numeric: tabular-nums }
.u-select { background: var(--sentinel); opacity: .25 }
.u-cursor-x, .u-cursor-y { border-color: var(--sentinel) !important }
.scroll { overflow-x: auto }
.judged { display: grid; grid-template-columns: 1fr 1fr; gap: 0 1.6rem; font-size: 12.5px; line-height: 1.3 }
.judged .scroll th, .judged .scroll td { padding-top: .12rem; padding-bottom: .12rem }
@media (min-width: 1200px) { .judged td:nth-child(-n+2) { white-space: nowrap } }
@media (max-width: 900px) { .judged { grid-template-columns: 1fr } }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
.scroll th, .scroll td { text-align: left; vertical-align: top; padding: .25rem .7rem .25rem 0; border-bottom: 1px solid var(--grid) }
.scroll th { color: var(--faint); font-weight: 600 }
tr.pass td:first-child { color: var(--promotion) }
tr.fail td { color: var(--trouble); font-weight: 600 }
tr.told td { color: var(--faint) }
tr.mine td { color: var(--write); font-weight: 600 }
.figures { font-size: 13px }
.figures table { border-collapse: separate; border-spacing: 0 }
.figures th:first-child, .figures td:first-child { position: sticky; left: 0; background: var(--back); white-space: nowrap }
@media (max-width: 900px) { .figures td { white-space: nowrap } }
pre { overflow-x: auto; padding: .7rem .9rem; background: var(--panel); font-size: 12.5px }
details summary { cursor: pointer }
@media (max-width: 500px) { body { font-size: 14px } .scroll th, .scroll td { padding-right: .45rem } .timeline table { font-size: 12px } }
@media print { main { max-width: none } }
`
