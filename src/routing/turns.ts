/** So many in a row go to one node: they leave in one packet, and come back in one. */
const IN_A_ROW = 32
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
  #from = 0

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
        this.#left -= 1
        return current
      }
    }
    this.#from = least === undefined ? 0 : (nodes.indexOf(least) + 1) % nodes.length
    this.#current = least
    this.#left = IN_A_ROW - 1
    return least
  }
}
