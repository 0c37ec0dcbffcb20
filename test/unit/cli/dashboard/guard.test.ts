import { describe, expect, it } from 'vitest'
import { admit, type Asked } from '../../../../src/cli/dashboard/guard.js'

const GOOD: Asked = { method: 'GET', path: '/secret/', host: '127.0.0.1:8080', origin: undefined }
const ask = (other: Partial<Asked>) => admit({ ...GOOD, ...other }, 'secret')

describe('admit', () => {
  it.each<[Partial<Asked>, string]>([
    [{}, '/'],
    [{ path: '/secret/events' }, '/events'],
    [{ path: '/secret/faults/kill?x=1', method: 'POST' }, '/faults/kill'],
    [{ host: 'localhost:8080', origin: 'http://localhost:8080' }, '/'],
    [{ host: '[::1]:8080', origin: 'http://[::1]:8080' }, '/'],
    // Port 80 is in no URL, and the near end of a tunnel may have any.
    [{ host: '127.0.0.1', origin: 'http://127.0.0.1' }, '/'],
    [{ host: 'localhost' }, '/'],
    [{ host: '[::1]' }, '/'],
    [{ host: '127.0.0.1:9090', origin: 'http://127.0.0.1:9090' }, '/']
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
    [{ host: 'evil.example' }, 421],
    [{ host: '127.0.0.1.evil.example:8080' }, 421],
    [{ host: 'localhost.evil.example' }, 421],
    [{ host: 'evil.example:127.0.0.1' }, 421],
    [{ host: 'user@127.0.0.1:8080' }, 421],
    [{ host: '127.0.0.1:8080:8080' }, 421],
    [{ host: '127.0.0.1:' }, 421],
    [{ host: '::1' }, 421],
    [{ host: '0.0.0.0:8080' }, 421],
    [{ host: '' }, 421],
    [{ host: undefined }, 421],
    [{ origin: 'http://evil.example' }, 403],
    // Another program of this machine is another site.
    [{ origin: 'http://127.0.0.1:3000' }, 403],
    [{ origin: 'http://127.0.0.1' }, 403],
    [{ origin: 'http://localhost:8080' }, 403],
    [{ host: '127.0.0.1', origin: 'http://127.0.0.1:8080' }, 403],
    [{ host: 'evil.example', origin: 'http://evil.example' }, 421],
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
