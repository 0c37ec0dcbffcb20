import type { Message, Told } from '../../dashboard/messages.js'
import { byId } from './dom.js'
import { TopologyDrawing } from './draw-topology.js'
import { FaultButtons } from './fault-buttons.js'
import { Events } from './show-events.js'
import { Failovers } from './show-failovers.js'
import { showClient, showHead, showLink } from './show-head.js'
import { LivePlots } from './show-plots.js'
import { showNodes, showSentinels } from './show-tables.js'
import { withMessage } from './view/told.js'

const topology = new TopologyDrawing(byId('topology'))
const plots = new LivePlots(byId('plots'))
const failovers = new Failovers(byId('failovers'))
const events = new Events(byId('events'), byId('event-list'))
const faults = new FaultButtons()

let told: Told | undefined
let drawn: Told | undefined

/** All that has changed since the last frame, in one go. */
function draw(): void {
  if (told === undefined || told === drawn) return
  const { state, happenings, timelines } = told
  showHead(state.group)
  showClient(state.client)
  topology.show(state.group)
  faults.show(state.faults)
  events.show(happenings)
  failovers.show(timelines)
  showNodes(byId('nodes'), state.group.nodes)
  showSentinels(byId('sentinels'), state.group.sentinels)
  if (told.samples !== drawn?.samples) plots.show(told)
  drawn = told
}

const source = new EventSource('events')
source.addEventListener('open', () => showLink('live'))
source.addEventListener('error', () => showLink(source.readyState === EventSource.CLOSED ? 'refused' : 'lost'))
source.addEventListener('message', ({ data }: MessageEvent<string>) => {
  told = withMessage(told, JSON.parse(data) as Message)
  requestAnimationFrame(draw)
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
