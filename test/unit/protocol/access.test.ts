import { describe, expect, it } from 'vitest'
import { failedTls, isTlsAlert, refusedAccess, withoutArguments } from '../../../src/protocol/access.js'

describe('refusedAccess', () => {
  it.each([
    ['WRONGPASS invalid username-password pair or user is disabled.', 'wrong-password'],
    ['ERR AUTH <password> called without any password configured for the default user.', 'wrong-password'],
    ['NOAUTH Authentication required.', 'no-password'],
    ['NOAUTH HELLO must be called with the client already authenticated', 'no-password'],
    ["NOPERM User app has no permissions to run the 'get' command", 'no-permission'],
    ['NOPERM No permissions to access a key', 'no-permission'],
    ['DENIED Redis is running in protected mode', 'protected-mode'],
    ['ERR unknown command', undefined],
    ['ERR script said NOPERM', undefined],
    ['LOADING Redis is loading the dataset in memory', undefined]
  ])('%s', (words, reason) => {
    expect(refusedAccess(words)).toBe(reason)
  })
})

describe('failedTls', () => {
  it.each([
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'wrong-name'],
    ['CERT_HAS_EXPIRED', 'expired'],
    ['CERT_NOT_YET_VALID', 'not-yet-valid'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'unknown-issuer'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'unknown-issuer'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'unknown-issuer'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'unknown-issuer'],
    ['CERT_SIGNATURE_FAILURE', 'unknown-issuer'],
    ['CERT_REVOKED', 'bad-certificate'],
    ['INVALID_PURPOSE', 'bad-certificate'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'no-tls'],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'client-certificate'],
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'client-certificate'],
    ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'client-certificate'],
    ['ERR_SSL_NO_SHARED_CIPHER', 'bad-certificate'],
    ['ECONNRESET', undefined],
    ['ECONNREFUSED', undefined],
    [undefined, undefined]
  ])('%s', (code, reason) => {
    expect(failedTls(code)).toBe(reason)
  })
})

it('a TLS alert is told from RESP', () => {
  expect(isTlsAlert(Buffer.from([21, 3, 3, 0, 2, 2, 80]))).toBe(true)
  expect(isTlsAlert(Buffer.from('+PONG\r\n'))).toBe(false)
  expect(isTlsAlert(Buffer.from([]))).toBe(false)
})

it('what a server repeats of an unknown command is cut off, wherever it ends', () => {
  const reply = "ERR unknown command 'HELLO', with args beginning with: '3' 'AUTH' 'default' 'pw\nmore' "
  expect(withoutArguments(reply)).toBe("ERR unknown command 'HELLO'")
  expect(withoutArguments('ERR unknown command `HELLO`, with args beginning with: `3`, `AUTH`, `pw`, ')).toBe(
    'ERR unknown command `HELLO`'
  )
  expect(withoutArguments('WRONGPASS invalid username-password pair')).toBe('WRONGPASS invalid username-password pair')
})
