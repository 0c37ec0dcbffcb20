import { describe, expect, it } from 'vitest'
import { blocksOf, withPrinted } from '../../kubernetes/documents/blocks.js'
import { normalise } from '../../kubernetes/documents/normalise.js'
import { shapeDifference } from '../../kubernetes/documents/shape.js'

const DOCUMENT =
  '# A\n\n```sh\none\n```\n\n```text\nold\n```\n\nWords.\n\n## B\n\n```sh\ntwo\n# three\n```\n\n```sh\nfour\n```\n\nEnd.\n'

describe('the blocks of a document', () => {
  it('have what follows at once as what they print', () => {
    expect(blocksOf(DOCUMENT)).toEqual([
      { heading: 'A', line: 4, commands: 'one\n', printed: 'old\n' },
      { heading: 'B', line: 16, commands: 'two\n# three\n', printed: '' },
      { heading: 'B', line: 21, commands: 'four\n', printed: '' }
    ])
  })

  it('take what they printed, and nothing else changes', () => {
    expect(withPrinted(DOCUMENT, ['old\n', '', ''])).toBe(DOCUMENT)
    const filled = withPrinted(DOCUMENT, ['', 'new $1\n', ''])
    expect(blocksOf(filled).map(({ printed }) => printed)).toEqual(['', 'new $1\n', ''])
    expect(filled.replaceAll(/```[\s\S]*?```\n\n?/g, '')).toBe(DOCUMENT.replaceAll(/```[\s\S]*?```\n\n?/g, ''))
  })
})

describe('what is printed', () => {
  it('is shown with short names, without dates, and without what kubectl says of its own work', () => {
    const printed = [
      'statefulset.apps/redis scaled',
      'Waiting for 3 pods to be ready...',
      'pod "redis-0" force deleted',
      'pod/redis-0 condition met',
      '17:X 28 Nov 2026 18:23:45.795 # +monitor master mymaster redis-0.redis-headless.redis.svc.cluster.local 6379 quorum 2',
      '2026-11-28T18:23:45Z start.sh: watching redis-0',
      'pod/redis-0',
      'error: there is no pod redis-9',
      ''
    ]
    expect(normalise(printed.join('\r\n')).split('\n')).toEqual([
      'X 18:23:45.795 # +monitor master mymaster redis-0 6379 quorum 2',
      '18:23:45 start.sh: watching redis-0',
      'pod/redis-0',
      'error: there is no pod redis-9',
      ''
    ])
  })

  it.each([
    [
      'X 18:23:45.795 # +vote-for-leader ffbb5451c0c258610363b27a8f9cc6fec295b864 1',
      'X 07:06:44.1 # +vote-for-leader 9ab6cfd91de8f19f15721fe0076144f4aebc4cc0 12'
    ],
    ['pod/redis-primary-46626f824e-a1c0d', 'pod/redis-primary-aaaaaaaaaa-bbbbb'],
    ['  9.0 ms  client 10.244.2.3:26379', '  10.25 ms client 10.244.1.12:26379']
  ])('has the same shape with other numbers: %s', (documented, printed) => {
    expect(shapeDifference(documented, printed)).toBeUndefined()
  })

  it.each([
    ['master\nslave\n', 'slave\nmaster\n', 'line 1 is\n    slave\n  and is documented as\n    master'],
    ['OK\n', 'OK\nmore\n', 'line 2 is\n    more'],
    ['OK\nredis-0\n', 'OK\n', 'documented as\n    redis-0'],
    ['', 'OK\n', 'line 1 is\n    OK']
  ])('has another shape with other words or lines: %j and %j', (documented, printed, difference) => {
    expect(shapeDifference(documented, printed)).toContain(difference)
  })
})
