export interface LabelBox {
  /** Where the mark stands, in pixels from the left edge of the plot area. */
  readonly x: number
  readonly width: number
  readonly weight: number
}

export interface PlacedLabel {
  /** Index of the box it is for. */
  readonly index: number
  /** 0 is the row nearest to the plot. */
  readonly row: number
  /** Left edge of the text, in pixels. */
  readonly left: number
}

/**
 * Finds a row for each label so that no two overlap and no mark's line, which goes up to its label, crosses the label of an
 * earlier mark: they form stairs that fall to the right. A label that would leave the plot on the right ends there. When more
 * than `maxRows` would be needed, the lightest are left out.
 */
export function placeLabels(boxes: readonly LabelBox[], plotWidth: number, maxRows: number): PlacedLabel[] {
  const gap = 8
  const inside = boxes
    .map((box, index) => ({ ...box, index, left: Math.max(0, Math.min(box.x, plotWidth - box.width)) }))
    .filter((box) => box.x >= 0 && box.x <= plotWidth)
  const stairs = (chosen: typeof inside): (PlacedLabel & { readonly width: number })[] => {
    const placed: (PlacedLabel & { readonly width: number })[] = []
    for (const { index, left, width } of [...chosen].sort((a, b) => b.x - a.x || a.weight - b.weight)) {
      const above = placed.filter((other) => left < other.left + other.width + gap && other.left < left + width + gap)
      placed.push({ index, left, width, row: above.reduce((row, other) => Math.max(row, other.row + 1), 0) })
    }
    return placed
  }
  let chosen: typeof inside = []
  for (const box of [...inside].sort((a, b) => b.weight - a.weight || a.x - b.x)) {
    if (stairs([...chosen, box]).every((label) => label.row < maxRows)) chosen = [...chosen, box]
  }
  return stairs(chosen).map(({ index, row, left }) => ({ index, row, left }))
}
