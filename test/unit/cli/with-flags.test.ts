import { describe, expect, it } from 'vitest'
import { accessError } from '../../../src/runtime/access-errors.js'
import type { AccessReason, Hop } from '../../../src/protocol/access.js'
import { withFlags } from '../../../src/cli/with-flags.js'

const said = (hop: Hop, reason: AccessReason): string =>
  withFlags(accessError({ hop, reason, what: 'says no', route: undefined }).message)

describe('withFlags', () => {
  it.each<[Hop, AccessReason, string]>([
    ['node', 'wrong-password', 'for the nodes give --password'],
    ['sentinel', 'no-password', 'for the sentinels give --sentinel-password'],
    ['node', 'unknown-issuer', 'TLS to the nodes: --tls'],
    ['sentinel', 'unknown-issuer', 'TLS to the sentinels: --sentinel-tls'],
    ['node', 'client-certificate', 'with --ca, and --cert with --key'],
    ['sentinel', 'needs-tls', 'TLS to the sentinels: --sentinel-tls'],
    ['node', 'no-tls', 'TLS to the nodes: --tls']
  ])('names the flags for what a %s was told of "%s", and none of the other hop', (hop, reason, flags) => {
    const text = said(hop, reason)
    expect(text).toContain(flags)
    expect(/[a-z-]*sentinel-(?:tls|password)/.test(text)).toBe(hop === 'sentinel')
  })

  it('adds nothing to what no flag mends', () => {
    expect(withFlags('connect ECONNREFUSED 127.0.0.1:1')).toBe('connect ECONNREFUSED 127.0.0.1:1')
    expect(said('node', 'expired')).toMatch(/a restart of a sentinel\.$/)
  })
})
