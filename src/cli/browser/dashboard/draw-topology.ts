import type { GroupView, NodeView, SentinelCard } from '../../dashboard/messages.js'
import { lagShare } from '../../lag-share.js'
import { settle, svg } from './dom.js'
import { type Box, type Drawing, layOut } from './view/layout.js'
import { bytes, clipped, count, describeGroup, figures, isMute, shortened } from './view/words.js'

/** As wide as letters of the two sizes get, on average. */
const ADDRESS_LETTER = 7.6
const NOTE_LETTER = 6.6
const PADDING = 12

/** The drawing of the group. Nodes are the same elements from one state to the next, so that they move to their new places. */
export class TopologyDrawing {
  readonly #host: HTMLElement
  readonly #root = svg('svg', { role: 'img' })
  readonly #paths = svg('g')
  readonly #boxes = svg('g')
  readonly #places = new Map<string, SVGGElement>()

  constructor(host: HTMLElement) {
    this.#host = host
    this.#root.append(this.#paths, this.#boxes)
    host.append(this.#root)
  }

  show(group: GroupView): void {
    const drawing = layOut(group, Math.max(260, this.#host.clientWidth))
    this.#root.setAttribute('viewBox', `0 0 ${drawing.width} ${drawing.height}`)
    this.#root.setAttribute('aria-label', describeGroup(group))
    this.#paths.replaceChildren(...pathsOf(drawing, group))
    const shown = new Set<string>()
    for (const { node, box } of drawing.nodes) {
      shown.add(node.address)
      fill(
        this.#place(node.address, box),
        `place ${node.role} ${node.state}${isMute(node) ? ' mute' : ''}${node.candidate ? ' candidate' : ''}`,
        nodeContent(node, box)
      )
    }
    for (const { sentinel, box } of drawing.sentinels) {
      const key = `sentinel ${sentinel.address}`
      shown.add(key)
      const state = sentinel.reachable ? 'up' : 'down'
      fill(
        this.#place(key, box),
        `place sentinel ${state}${sentinel.leads ? ' leads' : ''}`,
        sentinelContent(sentinel, box)
      )
    }
    for (const [key, place] of this.#places) {
      if (shown.has(key)) continue
      place.remove()
      this.#places.delete(key)
    }
  }

  #place(key: string, { x, y }: Box): SVGGElement {
    let place = this.#places.get(key)
    if (place === undefined) {
      place = svg('g')
      this.#places.set(key, place)
      this.#boxes.append(place)
    }
    place.style.transform = `translate(${x}px, ${y}px)`
    return place
  }
}

function fill(place: SVGGElement, className: string, content: readonly Node[]): void {
  if (place.getAttribute('class') !== className) place.setAttribute('class', className)
  settle(place, content)
}

function pathsOf({ links, watches }: Drawing, { nodes }: GroupView): Node[] {
  const primary = nodes.find(({ role }) => role === 'primary')?.address
  return [
    ...watches.map(({ from, path }) =>
      svg('path', { d: path, class: `watch${from.names === primary ? '' : ' away'}` })
    ),
    ...links.map(({ to, path }) => svg('path', { d: path, class: to.state }))
  ]
}

function nodeContent(node: NodeView, { width, height }: Box): Node[] {
  const { address, role, numbers, lagBytes } = node
  const note = node.candidate ? 'chosen to be the new primary' : node.note
  const lag = lagBytes === null ? '' : lagBytes === 0 ? 'in step' : `${bytes(lagBytes)} behind`
  return [
    box(width, height),
    svg('title', {}, address),
    line(role, 'role', 19),
    line(shortened(address, room(width, ADDRESS_LETTER)), 'address', 37),
    line(figures(numbers), 'faint figures', 54),
    ...(note === ''
      ? lag === ''
        ? []
        : [line(lag, 'note faint', 70)]
      : [line(clipped(note, room(width, NOTE_LETTER)), 'note', 70)]),
    ...(role === 'replica' && note === '' ? lagBar(lagBytes, width) : [])
  ]
}

function lagBar(lag: number | null, width: number): Node[] {
  if (lag === null) return []
  const full = 62
  const share = lagShare(lag)
  const at = { x: String(width - PADDING - full), y: '63', height: '6', rx: '3' }
  return [
    svg('rect', { ...at, class: 'bar', width: String(full) }),
    svg('rect', { ...at, class: 'lag', width: String(share * full) })
  ]
}

function sentinelContent({ address, note, epoch, leads, reachable }: SentinelCard, { width, height }: Box): Node[] {
  const heard = reachable ? note : 'does not answer'
  const said = leads ? 'leads the failover' : heard === '' ? `epoch ${count(epoch)}` : heard
  return [
    box(width, height),
    svg('title', {}, `sentinel ${address}`),
    line('sentinel', 'role', 19),
    line(shortened(address, room(width, ADDRESS_LETTER)), 'address', 36),
    line(clipped(said, room(width, NOTE_LETTER)), heard === '' && !leads ? 'faint' : 'note', 53)
  ]
}

function box(width: number, height: number): SVGRectElement {
  return svg('rect', { class: 'box', width: String(width), height: String(height), rx: '8' })
}

function line(text: string, className: string, y: number): SVGTextElement {
  return svg('text', { x: String(PADDING), y: String(y), class: className }, text)
}

/** How many letters of a width fit into a box. */
function room(width: number, letter: number): number {
  return Math.floor((width - 2 * PADDING) / letter)
}
