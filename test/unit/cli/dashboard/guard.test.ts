import { describe, expect, it } from 'vitest'
import { admit, type Asked } from '../../../../src/cli/dashboard/guard.js'

const EXPECTED = { token: 'secret', port: 8080 }
const GOOD: Asked = { method: 'GET', path: '/secret/', host: '127.0.0.1:8080', origin: undefined }
const ask = (other: Partial<Asked>) => admit({ ...GOOD, ...other }, EXPECTED)

describe('admit', () => {
  it.each<[Partial<Asked>, string]>([
    [{}, '/'],
    [{ path: '/secret/events' }, '/events'],
    [{ path: '/secret/faults/kill?x=1', method: 'POST' }, '/faults/kill'],
    [{ host: 'localhost:8080', origin: 'http://localhost:8080' }, '/']
  ])('lets in %o', (asked, route) => {
    expect(ask(asked)).toEqual({ ok: true, route })
  })

  it.each<[Partial<Asked>, number]>([
    [{ path: '/' }, 403],
    [{ path: '/Secret/' }, 403],
    [{ path: '/secre/' }, 403],
    [{ path: '/?secret/' }, 403],
    [{ path: '//secret/' }, 403],
    [{ path: 'http://127.0.0.1:8080/secret/' }, 403],
    [{ path: '/secret' }, 404],
    [{ host: 'evil.example:8080' }, 421],
    [{ host: '127.0.0.1' }, 421],
    [{ host: '127.0.0.1:8081' }, 421],
    [{ host: undefined }, 421],
    [{ origin: 'http://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ origin: 'https://127.0.0.1:8080' }, 403],
    [{ method: 'PUT' }, 405],
    [{ method: 'OPTIONS' }, 405]
  ])('refuses %o', (asked, status) => {
    expect(ask(asked)).toMatchObject({ ok: false, status })
  })

  it('does not say the token', () => {
    expect(JSON.stringify(ask({ path: '/wrong/' }))).not.toContain('secret')
  })
})
