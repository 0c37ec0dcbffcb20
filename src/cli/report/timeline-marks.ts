import type { Mark } from './plot.js'

/** Something that happened in a failover. */
export interface MarkedMoment {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly who: string
  readonly what: string
  /** One of those that the picture is about; else it is a sentinel's word, or it is not drawn. */
  readonly kind?: keyof typeof OWN
}

const OWN = {
  pause: { colour: 'write', weight: 16 },
  fault: { colour: 'trouble', weight: 20 },
  promotion: { colour: 'promotion', weight: 19 },
  'first-ack': { colour: 'write', weight: 18 },
  healed: { colour: 'sentinel', weight: 17 }
} as const

/** The events that tell the story of a failover; of others there is a tick. The first that does not fit loses its label last. */
const LABELLED: readonly string[] = [
  '+odown',
  '+switch-master',
  '+promoted-slave',
  '+sdown',
  '+selected-slave',
  '+elected-leader',
  '+try-failover',
  '+reboot',
  '-sdown',
  '+convert-to-slave'
]

export interface Marks {
  /** Labelled lines: our own moments, and each event of the story where it was first told. */
  readonly marks: readonly Mark[]
  /** Where else the sentinels said something. */
  readonly ticks: readonly number[]
}

/** What the plots show of the timeline. Their x counts from `origin`, in units of so many milliseconds. */
export function timelineMarks(moments: readonly MarkedMoment[], origin: number, unitMs: number): Marks {
  const marks: Mark[] = []
  const ticks: number[] = []
  const seen = new Set<string>()
  for (const { at: time, who, what, kind } of moments) {
    const at = (time - origin) / unitMs
    if (kind !== undefined) marks.push({ at, label: what, ...OWN[kind] })
    else if (who.startsWith('sentinel ')) {
      const rank = LABELLED.indexOf(what)
      if (rank < 0 || seen.has(what)) ticks.push(at)
      else marks.push({ at, label: what, colour: 'sentinel', weight: LABELLED.length - rank })
      seen.add(what)
    }
  }
  return { marks, ticks }
}
