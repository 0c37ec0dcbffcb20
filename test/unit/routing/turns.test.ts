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
  expect(names(turns, nodes(0, 0), 96)).toBe('a'.repeat(32) + 'b'.repeat(32) + 'a'.repeat(32))
})

test('three equals have an equal share', () => {
  const given = names(new Turns<Node>(), nodes(0, 0, 0), 960)
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
