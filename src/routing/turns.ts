/** So many in a row go to one node while others are on their way there: they leave in one packet, and come back in one. */
const IN_A_ROW = 32
/** A call that is alone counts as this part of one: its server and connection stay warm for longer, and there is no load to be shared. */
const ALONE = 1 / 8
/** A node with so many more waiting than another is passed over at once. */
const SLACK = 16

interface Loaded {
  /** Commands written to it and not yet answered. */
  readonly pending: number
}

/** Of nodes that are as good as each other, the one with the least waiting; near equals take turns, some reads long each. */
export class Turns<Node extends Loaded> {
  #current: Node | undefined
  #left = 0
  #from: number

  /** `from`: a whole number by which the first of equals is chosen. */
  constructor(from = 0) {
    this.#from = from
  }

  /** `nodes` are not empty; undefined only if they are. */
  next(nodes: readonly Node[]): Node | undefined {
    const current = this.#current
    let least: Node | undefined
    let isThere = false
    // Begins elsewhere each time, so that each of equals has its turn.
    for (let i = 0; i < nodes.length; i++) {
      const node = nodes[(this.#from + i) % nodes.length]
      if (node === undefined) continue
      if (node === current) isThere = true
      if (least === undefined || node.pending < least.pending) least = node
    }
    if (isThere && current !== undefined && least !== undefined && this.#left > 0) {
      if (current.pending <= least.pending + SLACK) {
        this.#left -= current.pending === 0 ? ALONE : 1
        return current
      }
    }
    this.#from = least === undefined ? 0 : (nodes.indexOf(least) + 1) % nodes.length
    this.#current = least
    this.#left = IN_A_ROW - (least?.pending === 0 ? ALONE : 1)
    return least
  }
}
