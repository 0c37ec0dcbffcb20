import type { NodeView, SentinelCard } from '../../dashboard/messages.js'
import { type Cell, Table } from './table.js'
import { bytes, count, duration, isMute, nodeNote } from './view/words.js'

const NOTHING = '–'

const OF_A_NODE = [
  'node',
  'role',
  'state',
  'ops / s',
  'round trip',
  'lag',
  'offset',
  'clients',
  'memory',
  'priority',
  'version'
]
const OF_A_SENTINEL = ['sentinel', 'names as primary', 'epoch', 'other sentinels', 'state']

/** The numbers of each node. */
export class Nodes {
  readonly #table: Table

  constructor(table: HTMLElement) {
    this.#table = new Table(table, OF_A_NODE)
  }

  show(nodes: readonly NodeView[]): void {
    const classes = { up: '', 'link-down': 'warn', down: 'trouble' } as const
    const rows = nodes.map((node): Cell[] => {
      const { address, role, state, lagBytes, priority, numbers } = node
      const note = nodeNote(node)
      return [
        { text: address },
        { text: role },
        { text: note === '' ? 'up' : note, className: isMute(node) ? 'warn' : classes[state] },
        { text: count(numbers.opsPerSecond) },
        { text: duration(numbers.roundTripMs) },
        { text: role === 'primary' ? NOTHING : bytes(lagBytes) },
        { text: count(numbers.offset) },
        { text: count(numbers.clients) },
        { text: bytes(numbers.memoryBytes) },
        { text: count(priority) },
        { text: numbers.version ?? NOTHING }
      ]
    })
    this.#table.show(rows)
  }
}

/** What each sentinel says. */
export class Sentinels {
  readonly #table: Table

  constructor(table: HTMLElement) {
    this.#table = new Table(table, OF_A_SENTINEL)
  }

  show(sentinels: readonly SentinelCard[]): void {
    const rows = sentinels.map(({ address, names, epoch, others, note, reachable, leads }): Cell[] => [
      { text: address },
      { text: names ?? NOTHING },
      { text: count(epoch) },
      { text: count(others) },
      {
        text: leads ? 'leads the failover' : note === '' ? 'answers' : note,
        className: reachable ? (note === '' ? '' : 'warn') : 'trouble'
      }
    ])
    this.#table.show(rows)
  }
}
