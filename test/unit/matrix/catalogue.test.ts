import { describe, expect, it } from 'vitest'
import { mismatch, versionIn } from '../../../scripts/matrix/catalogue.js'

const REDIS = 'Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=ae4d7c971a948f0\n'
const VALKEY = 'Valkey server v=8.1.1 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=384b3c0d511f998a\n'

describe('what a server says of itself', () => {
  it.each([
    [REDIS, { product: 'Redis', version: '7.0.15' }],
    [VALKEY, { product: 'Valkey', version: '8.1.1' }],
    ['KeyDB server v=6.3.4 sha=0', undefined],
    ['', undefined]
  ])('%j', (text, expected) => {
    expect(versionIn(text)).toEqual(expected)
  })

  it('is right for the server of that name', () => {
    expect(mismatch('redis-7.0', REDIS)).toBeUndefined()
    expect(mismatch('valkey-8.1', VALKEY)).toBeUndefined()
  })

  it('is told where it is another server, another version, or nothing that is known', () => {
    expect(mismatch('redis-8.0', REDIS)).toBe('it is Redis 7.0.15, and Redis 8.0 was asked for')
    expect(mismatch('redis-8.0', VALKEY)).toBe('it is Valkey 8.1.1, and Redis 8.0 was asked for')
    expect(mismatch('redis-7.0', REDIS.replace('7.0.15', '7.01.1'))).toMatch(/^it is Redis 7\.01\.1/)
    expect(mismatch('redis-7.0', 'error while loading\nmore')).toBe(
      '"error while loading" is the version of neither Redis nor Valkey'
    )
  })
})
