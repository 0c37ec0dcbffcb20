import { expect, it } from 'vitest'
import { describePlacement, placement } from '../../../bench/throughput/placement.js'

it('has the client on one processor, the primary on another, and the others where there is room', () => {
  expect(placement(8, true)).toEqual({ client: '0', primary: '1', othersAtEase: '2-7', othersAtWork: '2-7' })
  expect(describePlacement(placement(8, true))).toBe(
    'the measured client on processor 0, the primary on 1, replicas and sentinels on 2-7'
  )
})

it('keeps a processor for the client alone, where there are two, as long as the other one has time for all servers', () => {
  expect(placement(2, true)).toEqual({ client: '0', primary: '1', othersAtEase: '1', othersAtWork: '0-1' })
  expect(describePlacement(placement(2, true))).toBe(
    'the measured client on processor 0, the primary on 1, replicas and sentinels on 0-1, at one call in flight and at equal load on 1'
  )
})

it('leaves it to the system with one processor, or without taskset, and says so', () => {
  expect(placement(1, true)).toBeUndefined()
  expect(placement(8, false)).toBeUndefined()
  expect(describePlacement(undefined)).toBe('where the system puts them')
})
