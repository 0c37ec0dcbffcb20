import type { Report } from '../failover/report.js'
import { draw, type Frame } from './draw.js'
import { drawBeside } from './draw-beside.js'
import type { Recording } from './recording.js'

/** The figures of docs/how-failover-works.md, as SVG, by their file in docs/figures. */
export function figures(recording: Recording, beside: Pick<Report, 'cells'>): Readonly<Record<string, string>> {
  const own = Object.entries(framesOf(recording)).map(([file, frame]) => [file, draw(recording, frame)] as const)
  return { ...Object.fromEntries(own), 'beside.svg': drawBeside(beside, 'kill') }
}

function framesOf({ promotedAt, longestHoldMs }: Recording): Readonly<Record<string, Frame>> {
  const end = Math.ceil((promotedAt + 200) / 100) * 100
  return {
    'failover.svg': {
      from: -200,
      to: end,
      every: 200,
      mostMs: Math.ceil(longestHoldMs / 500) * 500,
      events: [
        [/node old link-lost/, 'the socket closes: writes wait'],
        [/sentinel \d \+sdown/, '+sdown: one sentinel'],
        [/sentinel \d \+odown/, '+odown: the quorum'],
        [/sentinel \d \+selected-slave/, '+selected-slave'],
        [/client connected/, 'connected: writes go out']
      ]
    },
    'failover-end.svg': {
      from: Math.floor((promotedAt - 200) / 10) * 10,
      to: Math.ceil((promotedAt + 40) / 10) * 10,
      every: 20,
      mostMs: 200,
      events: [
        [/sentinel \d \+elected-leader/, '+elected-leader'],
        [/sentinel \d \+selected-slave/, '+selected-slave: the client connects to it ahead of time'],
        [/sentinel \d \+failover-state-wait-promotion/, '+failover-state-wait-promotion'],
        [/node new role primary/, 'it says that it is the primary'],
        [/client connected/, 'connected'],
        [/client release/, 'what waited goes out']
      ]
    }
  }
}
