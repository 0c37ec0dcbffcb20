import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../src/errors.js'
import { resolveOptions } from '../../src/options.js'

describe('a URL', () => {
  it('in full', () => {
    const url =
      'redis+sentinel://app:s%40cret@10.0.0.1:26380,s-1.svc,[::1]:26381,[::2]/my%2Dmaster/3?readFrom=nearest&promotion=strict&deadlineMs=500&lazyConnect=true&sentinelUsername=watch&sentinelPassword=p%26q&maxQueuedCommands=7&holdWrites=never&consistency=eventual&connectionName=a+b&protocol=2&family=6&subscribeTo=replica'
    expect(resolveOptions(url)).toMatchObject({
      name: 'my-master',
      sentinels: [
        { host: '10.0.0.1', port: 26380 },
        { host: 's-1.svc', port: 26379 },
        { host: '::1', port: 26381 },
        { host: '::2', port: 26379 }
      ],
      readFrom: 'nearest',
      promotion: 'strict',
      deadlineMs: 500,
      holdWrites: 'never',
      subscribeTo: 'replica',
      consistency: 'eventual',
      maxQueuedCommands: 7,
      node: { credentials: { username: 'app', password: 's@cret' }, tls: undefined },
      sentinel: { credentials: { username: 'watch', password: 'p&q' }, tls: undefined },
      redis: {
        db: 3,
        lazyConnect: true,
        connectionName: 'a b',
        protocol: 2,
        family: 6
      }
    })
  })

  it('in brief', () => {
    const { name, sentinels, redis } = resolveOptions('redis+sentinel://s-0/mymaster')
    expect({ name, sentinels, redis }).toEqual({
      name: 'mymaster',
      sentinels: [{ host: 's-0', port: 26379 }],
      redis: {}
    })
  })

  it('rediss is TLS on both hops', () => {
    expect(resolveOptions('rediss+sentinel://a/mymaster')).toMatchObject({
      node: { tls: {} },
      sentinel: { tls: {} }
    })
    expect(resolveOptions('REDISS+Sentinel://a/mymaster', { sentinelTls: { servername: 's' } })).toMatchObject({
      node: { tls: {} },
      sentinel: { tls: { servername: 's' } }
    })
  })

  it.each([
    ['redis+sentinel://:pw@a/m', { password: 'pw' }],
    ['redis+sentinel://user@a/m', { username: 'user' }],
    ['redis+sentinel://user:@a/m', { username: 'user', password: '' }],
    ['redis+sentinel://a:b:c@a/m', { username: 'a', password: 'b:c' }],
    ['redis+sentinel://u:p@q@a/m', { username: 'u', password: 'p@q' }],
    ['redis+sentinel://u:p,q@a,b/m', { username: 'u', password: 'p,q' }],
    ['redis+sentinel://a/m/', {}],
    ['redis+sentinel://a/m/0', { db: 0 }],
    ['redis+sentinel://a/m/2/', { db: 2 }],
    ['redis+sentinel://a/m?', {}],
    ['redis+sentinel://a/m?keyPrefix=a@b', { keyPrefix: 'a@b' }],
    ['redis+sentinel://u:p@a/m?keyPrefix=a@b', { username: 'u', password: 'p', keyPrefix: 'a@b' }]
  ])('%s', (url, redis) => {
    const resolved = resolveOptions(url)
    const { username, password, ...others } = redis as Readonly<Record<string, unknown>>
    expect([resolved.redis, resolved.node.credentials]).toEqual([others, { username, password }])
  })

  it('takes any user and password that are percent-encoded', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string(), (username, password) => {
        const url = `redis+sentinel://${encodeURIComponent(username)}:${encodeURIComponent(password)}@a:1/m`
        expect(resolveOptions(url).node.credentials).toEqual({ username, password })
      })
    )
  })

  it('takes Infinity for a deadline', () => {
    expect(resolveOptions('redis+sentinel://a/m?deadlineMs=Infinity').deadlineMs).toBe(Infinity)
  })
})

describe('a wrong URL', () => {
  it.each([
    ['redis://a:1', 'the URL begins with "redis://"; a Sentinel URL is redis+sentinel://host:port,host:port/name'],
    ['constructor://a:1/m', 'the URL begins with "constructor://"'],
    ['a:26379', 'the URL has no scheme; a Sentinel URL is redis+sentinel://'],
    ['', 'the URL has no scheme'],
    ['redis+sentinel://a:1', 'the URL names no group: redis+sentinel://host:port/NAME, for example /mymaster'],
    ['redis+sentinel://a:1/', 'the URL names no group'],
    ['redis+sentinel://a:1//0', 'the URL names no group'],
    ['redis+sentinel:///m', 'option "sentinels[0]": "" has no host'],
    ['redis+sentinel://a,,b/m', 'option "sentinels[1]": "" has no host'],
    ['redis+sentinel://a:x/m', 'option "sentinels[0]": "a:x" has port "x"'],
    ['redis+sentinel://::1/m', 'an IPv6 address needs brackets'],
    ['redis+sentinel://a/m/x', 'option "db" is "x"; allowed is a whole number from 0'],
    ['redis+sentinel://a/m/-1', 'option "db" is -1; allowed is a whole number from 0'],
    ['redis+sentinel://a/m/0/1', "the URL's path is /m/0/1; allowed is /name or /name/db"],
    [
      'redis+sentinel://a/m%zz',
      `the URL's path has a "%" that is not followed by two hexadecimal digits; write it as %25`
    ],
    ['redis+sentinel://u:100%@a/m', `the URL's password has a "%"`],
    ['redis+sentinel://%:p@a/m', `the URL's user has a "%"`],
    ['redis+sentinel://u:a/b@c/m', 'the URL has an "@" behind its first "/", "?" or "#"'],
    ['redis+sentinel://u:a?b@c/m', 'these are written %2F, %3F and %23'],
    ['redis+sentinel://u:a#b@c/m', 'the URL has an "@" behind'],
    ['redis+sentinel://u:1/a#b@c/m', 'the URL has an "@" behind'],
    ['redis+sentinel://a/m#b', 'the URL has a "#", and a Sentinel URL has no fragment'],
    [
      'redis+sentinel://a/m?readfrom=any',
      `the URL's query has "readfrom", which is not an option for a URL; did you mean "readFrom"?`
    ],
    ['redis+sentinel://a/m?password=x', `the URL's query has "password", which is not an option for a URL`],
    ['redis+sentinel://a/m?constructor=x', `the URL's query has "constructor"`],
    ['redis+sentinel://a/m?readFrom=all', 'option "readFrom" is "all"; allowed: replicaPreferred'],
    [
      'redis+sentinel://a/m?subscribeTo=any',
      'option "subscribeTo" is "any"; allowed: primary, replica, replicaPreferred'
    ],
    ['redis+sentinel://a/m?lazyConnect=yes', 'option "lazyConnect" is "yes"; allowed: true, false'],
    ['redis+sentinel://a/m?enableOfflineQueue=0', 'option "enableOfflineQueue" is "0"; allowed: true, false'],
    ['redis+sentinel://a/m?deadlineMs=soon', 'option "deadlineMs" is "soon"; allowed is a number of milliseconds'],
    ['redis+sentinel://a/m?deadlineMs=1e3', 'option "deadlineMs" is "1e3"'],
    ['redis+sentinel://a/m?deadlineMs=', 'option "deadlineMs" is ""'],
    ['redis+sentinel://a/m?family=5', 'option "family" is 5; allowed: 0, 4, 6'],
    ['redis+sentinel://a/m?commandTimeout=-1', 'option "commandTimeout" is -1'],
    ['redis+sentinel://a/m?maxQueuedBytes=1.5', 'option "maxQueuedBytes" is 1.5; allowed is a whole number from 0']
  ])('%s', (url, message) => {
    const parse = () => resolveOptions(url)
    expect(parse).toThrow(ConfigurationError)
    expect(parse).toThrow(message)
  })

  it('lists what a query may carry', () => {
    expect(() => resolveOptions('redis+sentinel://a/m?x=1')).toThrow(/for a URL\. Allowed: readFrom, .*maxQueuedBytes/)
  })

  it('gives options or ConfigurationError, whatever the text', () => {
    const parts = fc.constantFrom(
      'redis+sentinel://',
      'rediss+sentinel://',
      'a',
      ':1',
      '@',
      '/',
      'm',
      '?',
      '=',
      '%',
      '&',
      ',',
      '[::1]',
      '#',
      'readFrom',
      'db'
    )
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 14 }), (some) => {
        try {
          expect(resolveOptions(some.join('')).sentinels.length).toBeGreaterThan(0)
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigurationError)
        }
      }),
      { numRuns: 1_000 }
    )
  })
})
