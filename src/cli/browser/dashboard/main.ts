import type { Message, Told } from '../../dashboard/messages.js'
import { byId } from './dom.js'
import { TopologyDrawing } from './draw-topology.js'
import { FaultButtons } from './fault-buttons.js'
import { Events } from './show-events.js'
import { Failovers } from './show-failovers.js'
import { showClient, showHead, showLink, showTitle } from './show-head.js'
import { LivePlots } from './show-plots.js'
import { Nodes, Sentinels } from './show-tables.js'
import { Hearing } from './view/hearing.js'
import { withMessage } from './view/told.js'

const topology = new TopologyDrawing(byId('topology'))
const plots = new LivePlots(byId('plots'))
const failovers = new Failovers(byId('failovers'))
const events = new Events(byId('events'), byId('event-list'))
const faults = new FaultButtons()
const nodes = new Nodes(byId('nodes'))
const sentinels = new Sentinels(byId('sentinels'))

const CHECK_EVERY_MS = 1_000

let told: Told | undefined
let drawn: Told | undefined

/** All that has changed since the last frame, in one go. */
function draw(): void {
  if (told === undefined || told === drawn) return
  const { state, happenings, timelines } = told
  showHead(state.group)
  showClient(state.client)
  topology.show(state.group)
  faults.show(state.faults, state.group)
  events.show(happenings)
  failovers.show(timelines)
  nodes.show(state.group.nodes)
  sentinels.show(state.group.sentinels)
  if (told.samples !== drawn?.samples) plots.show(told)
  drawn = told
}

let isDue = false

/** A hidden tab has no frames, and keeps all that are asked for until it is shown. */
function drawSoon(): void {
  if (isDue) return
  isDue = true
  requestAnimationFrame(() => {
    isDue = false
    draw()
  })
}

const hearing = new Hearing(performance.now(), (link) => {
  showLink(link)
  faults.hears(link === 'live')
})
setInterval(() => hearing.check(performance.now()), CHECK_EVERY_MS)

const source = new EventSource('events')
source.addEventListener('error', () => hearing.broke(source.readyState === EventSource.CLOSED))
source.addEventListener('message', ({ data }: MessageEvent<string>) => {
  hearing.heard(performance.now())
  told = withMessage(told, JSON.parse(data) as Message)
  if (told !== undefined) {
    showTitle(told.state.group)
    faults.told(told.state)
  }
  drawSoon()
})

addEventListener('resize', () => {
  if (told === undefined) return
  topology.show(told.state.group)
  plots.show(told)
  failovers.redraw()
})
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  plots.redraw()
  failovers.redraw()
})
