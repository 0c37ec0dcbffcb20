import type { NodeView, SentinelCard } from '../../dashboard/messages.js'
import { element } from './dom.js'
import { bytes, count, duration, isMute, nodeNote } from './view/words.js'

const NOTHING = '–'

interface Cell {
  readonly text: string
  readonly className?: string
}

/** The numbers of each node. */
export function showNodes(table: HTMLElement, nodes: readonly NodeView[]): void {
  const heads = [
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
  fill(table, heads, rows)
}

/** What each sentinel says. */
export function showSentinels(table: HTMLElement, sentinels: readonly SentinelCard[]): void {
  const heads = ['sentinel', 'names as primary', 'epoch', 'other sentinels', 'state']
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
  fill(table, heads, rows)
}

function fill(table: HTMLElement, heads: readonly string[], rows: readonly (readonly Cell[])[]): void {
  const head = heads.map((text) => element('th', { scope: 'col' }, text))
  const body = rows.map(([first, ...rest]) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, first?.text ?? ''),
      ...rest.map(({ text, className = '' }) => element('td', { class: className }, text))
    )
  )
  table.replaceChildren(element('thead', {}, element('tr', {}, ...head)), element('tbody', {}, ...body))
}
