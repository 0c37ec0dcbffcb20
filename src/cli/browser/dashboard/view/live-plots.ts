import type { NumberedHappening, Sample, Told } from '../../../dashboard/messages.js'
import type { Colour, Mark, Plot } from '../../../report/plot.js'

/** What the plots show: the last two minutes. */
export const SHOWN_S = 120
/** On a logarithmic axis there is no 0. */
const LEAST_MS = 0.01

const NODE_COLOURS: readonly Colour[] = ['node-0', 'node-1', 'node-2', 'node-3', 'node-4', 'node-5']

const MARKS: Readonly<Record<string, { readonly label: string; readonly colour: Colour; readonly weight: number }>> = {
  fault: { label: 'fault', colour: 'trouble', weight: 3 },
  healed: { label: 'healed', colour: 'sentinel', weight: 0 },
  'failover-started': { label: 'trouble', colour: 'warn', weight: 1 },
  'primary-changed': { label: 'new primary', colour: 'promotion', weight: 2 }
}

/** The plots of now: of the nodes, and of the tool's own calls if it makes any. */
export function livePlots(told: Told): readonly Plot[] {
  const { state, happenings } = told
  const from = state.at - SHOWN_S * 1000
  const samples = told.samples.filter(({ at }) => at >= from)
  const addresses = nodeAddresses(told)
  const common = {
    x: samples.map(({ at }) => (at - state.at) / 1000),
    xUnit: 's' as const,
    xLabel: 'seconds; 0 is now',
    focus: [-SHOWN_S, 0] as const,
    marks: marksOf(happenings, state.at),
    ticks: []
  }
  const perNode = (value: (sample: Sample, address: string) => number | null): Plot['series'] =>
    addresses.map((address, index) => ({
      label: address,
      colour: NODE_COLOURS[index % NODE_COLOURS.length] ?? 'write',
      style: 'line',
      values: samples.map((sample) => value(sample, address))
    }))
  const own: Plot = {
    ...common,
    id: 'own-calls',
    title: 'The tool’s own calls',
    caption: 'the slowest write and the slowest read that were answered in each quarter of a second',
    yLabel: 'milliseconds (log)',
    scale: 'log',
    series: [
      { label: 'writes', colour: 'write', style: 'line', values: samples.map((one) => least(one.slowestWriteMs)) },
      { label: 'reads', colour: 'read', style: 'line', values: samples.map((one) => least(one.slowestReadMs)) }
    ]
  }
  return [
    {
      ...common,
      id: 'commands',
      title: 'Commands a second',
      caption: 'of each node, as it counts them itself; replication and the questions of sentinels are among them',
      yLabel: 'commands / s',
      scale: 'linear',
      series: perNode(({ nodes }, address) => nodes[address]?.ops ?? null)
    },
    ...(state.client.load > 0 ? [own] : []),
    {
      ...common,
      id: 'round-trip',
      title: 'Round trip',
      caption: 'from this tool to each node, by INFO',
      yLabel: 'milliseconds (log)',
      scale: 'log',
      series: perNode(({ nodes }, address) => least(nodes[address]?.roundTripMs ?? null))
    }
  ]
}

/** Every node that is shown or was measured; the order does not change when roles do, so that colours stay. */
export function nodeAddresses({ state, samples }: Told): string[] {
  const all = new Set([
    ...state.group.nodes.map(({ address }) => address),
    ...samples.flatMap(({ nodes }) => Object.keys(nodes))
  ])
  return [...all].sort()
}

function least(ms: number | null): number | null {
  return ms === null ? null : Math.max(LEAST_MS, ms)
}

function marksOf(happenings: readonly NumberedHappening[], now: number): Mark[] {
  return happenings.flatMap(({ at, event }) => {
    const mark = MARKS[event]
    return mark === undefined ? [] : [{ at: (at - now) / 1000, ...mark }]
  })
}
