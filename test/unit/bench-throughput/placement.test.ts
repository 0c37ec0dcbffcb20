import { expect, it } from 'vitest'
import { describePlacement, placement } from '../../../bench/throughput/placement.js'

it('has the client on one processor, the primary on another, and the others where there is room', () => {
  expect(placement(2, true)).toEqual({ client: '0', primary: '1', others: '0-1' })
  expect(placement(8, true)).toEqual({ client: '0', primary: '1', others: '2-7' })
  expect(describePlacement(placement(8, true))).toBe(
    'the measured client on processor 0, the primary on 1, replicas and sentinels on 2-7'
  )
})

it('leaves it to the system with one processor, or without taskset, and says so', () => {
  expect(placement(1, true)).toBeUndefined()
  expect(placement(8, false)).toBeUndefined()
  expect(describePlacement(undefined)).toBe('where the system puts them')
})
