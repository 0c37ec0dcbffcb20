/** One picture: values over time or over another quantity, and the moments that explain them. */
export interface Plot {
  /** Unique in the page; a valid HTML id. */
  readonly id: string
  readonly title: string
  /** What can be seen, in a sentence or two. */
  readonly caption: string
  /** Ascending. */
  readonly x: readonly number[]
  /** Of a time. Default: `x` is none. */
  readonly xUnit?: 's' | 'ms'
  readonly xLabel: string
  /** What stands at the horizontal axis, where `x` is not a time. Default: round numbers. */
  readonly xTicks?: readonly { readonly at: number; readonly label: string }[]
  readonly yLabel: string
  readonly scale: 'linear' | 'log'
  /** Where a linear axis ends; higher values are cut off there. Default: the highest value. */
  readonly yMax?: number
  readonly series: readonly Series[]
  readonly marks: readonly Mark[]
  /** Moments shown by a short stroke at the top, in the colour `sentinel`. As in `x`. */
  readonly ticks: readonly number[]
  /** The stretch of `x` shown at first; a script shows the rest on demand. Default: all of it. */
  readonly focus?: readonly [from: number, to: number]
}

export interface Series {
  readonly label: string
  readonly colour: Colour
  readonly style: 'line' | 'dots'
  /** One for each of `x`; null where there is nothing. */
  readonly values: readonly (number | null)[]
}

/** A moment, drawn as a labelled vertical line. */
export interface Mark {
  /** As in `x`. */
  readonly at: number
  readonly label: string
  readonly colour: Colour
  /** Marks of higher weight get their label first when there is no room for all. */
  readonly weight: number
}

/** Names of CSS variables of the page (`--write` …), so that one picture serves a light and a dark page. */
export type Colour =
  | 'write'
  | 'read'
  | 'trouble'
  | 'promotion'
  | 'sentinel'
  | 'warn'
  /** One of several of the same kind, such as nodes. */
  | `node-${0 | 1 | 2 | 3 | 4 | 5}`
