import { describe, expect, it } from 'vitest'
import { type Box, layOut } from '../../../../src/cli/browser/dashboard/view/layout.js'
import { group, node, sentinel } from './examples.js'

const many = group({
  nodes: [
    node({ role: 'primary' }),
    ...Array.from({ length: 11 }, (_, index) => node({ address: `10.0.2.${index}:6379` }))
  ],
  sentinels: Array.from({ length: 7 }, (_, index) => sentinel({ address: `10.0.1.${index}:26379` }))
})
const orphans = group({ nodes: [node(), node({ address: '10.0.0.2:6379' })] })
const nothing = group({ nodes: [], sentinels: [] })

const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height

describe.each([280, 390, 599, 600, 760, 1400])('layOut at a width of %i', (width) => {
  it.each([group(), many, orphans, nothing])('keeps all inside and apart', (shown) => {
    const drawing = layOut(shown, width)
    const boxes = [...drawing.nodes, ...drawing.sentinels].map(({ box }) => box)
    expect(boxes).toHaveLength(shown.nodes.length + shown.sentinels.length)
    for (const [index, box] of boxes.entries()) {
      expect(box.x).toBeGreaterThanOrEqual(0)
      expect(box.x + box.width).toBeLessThanOrEqual(width)
      expect(box.y + box.height).toBeLessThanOrEqual(drawing.height)
      expect(boxes.slice(index + 1).filter((other) => overlap(box, other))).toEqual([])
    }
  })

  it('links every replica to the primary, if there is one', () => {
    expect(layOut(many, width).links).toHaveLength(11)
    expect(layOut(orphans, width).links).toEqual([])
  })

  it('draws the primary above its replicas', () => {
    const [first, ...rest] = layOut(many, width).nodes
    expect(first?.node.role).toBe('primary')
    for (const { box } of rest) expect(box.y).toBeGreaterThan((first?.box.y ?? 0) + (first?.box.height ?? 0))
  })
})

describe('layOut', () => {
  it('draws who names whom where there is room', () => {
    const shown = group({
      sentinels: [
        sentinel(),
        sentinel({ address: 'b:1', names: null }),
        sentinel({ address: 'c:1', names: '10.0.0.2:6379' })
      ]
    })
    expect(layOut(shown, 800).watches.map(({ from }) => from.address)).toEqual(['10.0.1.1:26379', 'c:1'])
    expect(layOut(shown, 400).watches).toEqual([])
  })
})
