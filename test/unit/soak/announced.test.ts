import { expect, test } from 'vitest'
import { announcedIn, unseenPromotions } from '../../../bench/soak/oracle/announced.js'

const LEADER = `9443:X 23 Nov 2026 03:51:06.637 # +selected-slave slave 127.161.49.11:17929 127.161.49.11 17929 @ mymaster 127.161.49.10 10606
9443:X 23 Nov 2026 03:51:07.529 # +promoted-slave slave 127.161.49.11:17929 127.161.49.11 17929 @ mymaster 127.161.49.10 10606
9443:X 23 Nov 2026 03:51:08.296 # +switch-master mymaster 127.161.49.10 10606 127.161.49.11 17929
9443:X 23 Nov 2026 03:51:10.919 # +switch-master mymaster 127.161.49.11 17929 127.161.49.10 10606
`
const OTHER = `9444:X 23 Nov 2026 03:51:08.587 # +switch-master mymaster 127.161.49.10 10606 127.161.49.11 17929
9444:X 23 Nov 2026 03:51:10.856 # +promoted-slave slave 127.161.49.10:10606 127.161.49.10 10606 @ mymaster 127.161.49.11 17929
9444:X 23 Nov 2026 03:51:11.120 # +switch-master mymaster 127.161.49.11 17929 127.161.49.10 10606
`
const at = (time: string): number => Date.parse(`23 Nov 2026 ${time}`)
const FIRST = { host: '127.161.49.10', port: 10606 }
const SECOND = { host: '127.161.49.11', port: 17929 }

test('a log tells which nodes were promoted, and when', () => {
  expect(announcedIn(LEADER, at('03:51:00.000'))).toEqual([
    { node: '127.161.49.11 17929', at: at('03:51:07.529') },
    { node: '127.161.49.11 17929', at: at('03:51:08.296') },
    { node: '127.161.49.10 10606', at: at('03:51:10.919') }
  ])
})

test('what was said before the step is left out', () => {
  expect(announcedIn(LEADER, at('03:51:09.000'))).toHaveLength(1)
})

const announced = [LEADER, OTHER].flatMap((log) => announcedIn(log, at('03:51:00.000')))

test('a promotion that the node itself showed is not told again, however many sentinels tell of it', () => {
  expect(unseenPromotions(announced, [FIRST, SECOND])).toEqual([])
})

test('one that it did not show counts from the first sentinel that told of it', () => {
  expect(unseenPromotions(announced, [SECOND])).toEqual([at('03:51:10.856')])
})
