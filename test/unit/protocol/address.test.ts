import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatAddress, parseAddress, parsePort, sameAddress } from '../../../src/protocol/address.js'

const hosts = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.domain(),
  fc.constantFrom('localhost', 'redis-0.redis.default.svc.cluster.local', 'fe80::1%eth0')
)
const ports = fc.integer({ min: 1, max: 65_535 })

describe('parseAddress', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1', 26379],
    ['10.0.0.1:6380', '10.0.0.1', 6380],
    ['redis-0.svc:1', 'redis-0.svc', 1],
    ['[::1]', '::1', 26379],
    ['[::1]:65535', '::1', 65535],
    ['[2001:db8::7]:6379', '2001:db8::7', 6379],
    ['  host:6379 ', 'host', 6379]
  ])('%s', (text, host, port) => {
    expect(parseAddress(text, 26379)).toEqual({ ok: true, address: { host, port } })
  })

  it.each([
    ['', 'has no host'],
    [':6379', 'has no host'],
    ['[]:6379', 'has no host'],
    ['a b:6379', 'has no host'],
    ['host:', 'has port ""; a port is a whole number from 1 to 65535'],
    ['host:0', 'has port "0"'],
    ['host:65536', 'has port "65536"'],
    ['host:redis', 'has port "redis"'],
    ['host:63.79', 'has port "63.79"'],
    ['host:-1', 'has port "-1"'],
    ['::1', 'an IPv6 address needs brackets: [::1]:26379'],
    ['::1:6379', 'an IPv6 address needs brackets'],
    ['[::1', 'is not host:port'],
    ['[::1]6379', 'is not host:port']
  ])('refuses "%s" and says why', (text, reason) => {
    const parsed = parseAddress(text, 26379)
    expect(parsed).toMatchObject({ ok: false, reason: expect.stringContaining(reason) as string })
    expect(parsed).toMatchObject({ reason: expect.stringContaining(`"${text}"`) as string })
  })

  it('reads back what formatAddress writes', () => {
    fc.assert(
      fc.property(hosts, ports, (host, port) => {
        expect(parseAddress(formatAddress({ host, port }), 1)).toEqual({ ok: true, address: { host, port } })
      })
    )
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(typeof parseAddress(text, 26379).ok).toBe('boolean')
      })
    )
  })
})

describe('sameAddress', () => {
  it('holds exactly when the texts are equal', () => {
    const few = fc.record({ host: fc.constantFrom('a', 'b', '::1'), port: fc.constantFrom(1, 2) })
    fc.assert(
      fc.property(few, few, (a, b) => {
        expect(sameAddress(a, b)).toBe(formatAddress(a) === formatAddress(b))
      })
    )
  })

  it('takes no address for the same as none, and no other', () => {
    expect(sameAddress(undefined, undefined)).toBe(true)
    expect(sameAddress({ host: 'a', port: 1 }, undefined)).toBe(false)
    expect(sameAddress(undefined, { host: 'a', port: 1 })).toBe(false)
  })
})

describe('parsePort', () => {
  it.each([
    ['6379', 6379],
    [6379, 6379],
    ['1', 1],
    [65535, 65535]
  ])('%s', (value, port) => {
    expect(parsePort(value)).toBe(port)
  })

  it.each([
    0,
    -1,
    65536,
    1.5,
    NaN,
    Infinity,
    '0',
    '65536',
    '100000',
    '',
    ' 1',
    '1e3',
    '0x10',
    null,
    undefined,
    {},
    true,
    1n
  ])('refuses %s', (value) => {
    expect(parsePort(value)).toBeUndefined()
  })
})
