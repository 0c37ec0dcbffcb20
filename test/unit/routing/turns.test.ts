import { expect, test } from 'vitest'
import { Turns } from '../../../src/routing/turns.js'

interface Node {
  readonly name: string
  pending: number
}

const nodes = (...pending: number[]): Node[] =>
  pending.map((count, index) => ({ name: 'abc'.charAt(index), pending: count }))

function names(turns: Turns<Node>, among: readonly Node[], count: number, weigh = 0): string {
  return Array.from({ length: count }, () => {
    const one = turns.next(among)
    if (one !== undefined) one.pending += weigh
    return one?.name
  }).join('')
}

test('equals take turns, 32 reads each', () => {
  const turns = new Turns<Node>()
  expect(names(turns, nodes(1, 1), 96)).toBe('a'.repeat(32) + 'b'.repeat(32) + 'a'.repeat(32))
})

test('with nothing else on its way a turn is eight times as long', () => {
  const turns = new Turns<Node>()
  expect(names(turns, nodes(0, 0), 768)).toBe('a'.repeat(256) + 'b'.repeat(256) + 'a'.repeat(256))
})

test('who begins can be told', () => {
  expect([0, 1, 2, 3].map((from) => new Turns<Node>(from).next(nodes(0, 0, 0))?.name).join('')).toBe('abca')
})

test('three equals have an equal share', () => {
  const given = names(new Turns<Node>(), nodes(1, 1, 1), 960)
  expect(['a', 'b', 'c'].map((name) => given.split(name).length - 1)).toEqual([320, 320, 320])
})

test('a node with 16 more waiting than another is passed over', () => {
  const among = nodes(0, 0)
  expect(names(new Turns<Node>(), among, 40, 1)).toBe('a'.repeat(17) + 'b'.repeat(23))
  expect(among.map(({ pending }) => pending)).toEqual([17, 23])
})

test('who has the least waiting is the next', () => {
  expect(new Turns<Node>().next(nodes(5, 3, 4))?.name).toBe('b')
})

test('one that is no longer there is not chosen', () => {
  const turns = new Turns<Node>()
  const [a, b] = nodes(0, 0)
  expect(turns.next([a, b] as Node[])).toBe(a)
  expect(turns.next([b] as Node[])).toBe(b)
})

test('of none there is none', () => {
  expect(new Turns<Node>().next([])).toBeUndefined()
})
