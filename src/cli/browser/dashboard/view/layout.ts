import type { GroupView, NodeView, SentinelCard } from '../../../dashboard/messages.js'

export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface Drawing {
  readonly width: number
  readonly height: number
  readonly nodes: readonly { readonly node: NodeView; readonly box: Box }[]
  readonly sentinels: readonly { readonly sentinel: SentinelCard; readonly box: Box }[]
  /** From the primary to each replica: the replication. */
  readonly links: readonly { readonly to: NodeView; readonly path: string }[]
  /** From each sentinel to the node it names as the primary. */
  readonly watches: readonly { readonly from: SentinelCard; readonly path: string }[]
}

export const NODE_HEIGHT = 78
export const SENTINEL_HEIGHT = 62
const EDGE = 2
const GAP = 14
const LEVEL = 64
/** Below it there is no room for the sentinels beside the nodes. */
const WIDE = 600
const SENTINEL_WIDTH = 196
const NODE_WIDTH = 196
const TRUNK = 18

/** Where everything stands in a drawing of this width. */
export function layOut(group: GroupView, width: number): Drawing {
  return width >= WIDE ? besideEachOther(group, width) : belowEachOther(group, width)
}

/** Sentinels at the left, the primary at the top of the rest, the replicas in rows below it. */
function besideEachOther({ nodes, sentinels }: GroupView, width: number): Drawing {
  const left = SENTINEL_WIDTH + 56
  const area = width - left - EDGE
  const { primary, replicas } = byRole(nodes)
  const perRow = Math.max(1, Math.min(replicas.length, Math.floor((area + GAP) / (NODE_WIDTH + GAP))))
  const first: Box = { x: left + (area - NODE_WIDTH) / 2, y: EDGE, width: NODE_WIDTH, height: NODE_HEIGHT }
  const top = primary === undefined ? EDGE : first.y + NODE_HEIGHT + LEVEL
  const placed = replicas.map((node, index) => {
    const row = Math.floor(index / perRow)
    const inRow = Math.min(perRow, replicas.length - row * perRow)
    const rowWidth = inRow * NODE_WIDTH + (inRow - 1) * GAP
    const x = left + (area - rowWidth) / 2 + (index % perRow) * (NODE_WIDTH + GAP)
    return { node, box: { x, y: top + row * (NODE_HEIGHT + GAP), width: NODE_WIDTH, height: NODE_HEIGHT } }
  })
  const all = [...(primary === undefined ? [] : [{ node: primary, box: first }]), ...placed]
  const cards = sentinels.map((sentinel, index) => ({
    sentinel,
    box: { x: EDGE, y: EDGE + index * (SENTINEL_HEIGHT + GAP), width: SENTINEL_WIDTH, height: SENTINEL_HEIGHT }
  }))
  const below = primary === undefined ? [] : placed
  return {
    width,
    height: bottom([...all, ...cards].map(({ box }) => box)) + EDGE,
    nodes: all,
    sentinels: cards,
    links: below.map(({ node, box }) => ({ to: node, path: fall(first, box) })),
    watches: cards.flatMap(({ sentinel, box }) => {
      const named = all.find(({ node }) => node.address === sentinel.names)
      return named === undefined ? [] : [{ from: sentinel, path: reach(box, named.box) }]
    })
  }
}

/** One below the other, with a trunk at the left from the primary to its replicas; who names whom is left to words. */
function belowEachOther({ nodes, sentinels }: GroupView, width: number): Drawing {
  const { primary, replicas } = byRole(nodes)
  const full = width - 2 * EDGE
  const inset = primary === undefined ? 0 : TRUNK * 2
  let y = EDGE
  const place = (height: number, x: number): Box => {
    const box = { x: EDGE + x, y, width: full - x, height }
    y += height + GAP
    return box
  }
  const first = primary === undefined ? undefined : place(NODE_HEIGHT, 0)
  const placed = replicas.map((node) => ({ node, box: place(NODE_HEIGHT, inset) }))
  y += GAP
  const cards = sentinels.map((sentinel) => ({ sentinel, box: place(SENTINEL_HEIGHT, 0) }))
  return {
    width,
    height: Math.max(y - GAP, 0) + EDGE,
    nodes: [...(primary === undefined || first === undefined ? [] : [{ node: primary, box: first }]), ...placed],
    sentinels: cards,
    links: first === undefined ? [] : placed.map(({ node, box }) => ({ to: node, path: branch(first, box) })),
    watches: []
  }
}

function byRole(nodes: readonly NodeView[]): {
  readonly primary: NodeView | undefined
  readonly replicas: readonly NodeView[]
} {
  return {
    primary: nodes.find(({ role }) => role === 'primary'),
    replicas: nodes.filter(({ role }) => role === 'replica')
  }
}

function bottom(boxes: readonly Box[]): number {
  return boxes.reduce((most, { y, height }) => Math.max(most, y + height), 0)
}

/** From the lower edge of one to the upper edge of the other. */
function fall(from: Box, to: Box): string {
  const [x1, y1, x2, y2] = [from.x + from.width / 2, from.y + from.height, to.x + to.width / 2, to.y]
  const middle = (y1 + y2) / 2
  return `M${x1} ${y1}C${x1} ${middle} ${x2} ${middle} ${x2} ${y2}`
}

/** From the right edge of one to the left edge of the other. */
function reach(from: Box, to: Box): string {
  const [x1, y1, x2, y2] = [from.x + from.width, from.y + from.height / 2, to.x, to.y + to.height / 2]
  const middle = x1 + Math.min(60, (x2 - x1) / 2)
  return `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`
}

function branch(from: Box, to: Box): string {
  const x = from.x + TRUNK
  return `M${x} ${from.y + from.height}V${to.y + to.height / 2}H${to.x}`
}
