/** Which of the two kinds of servers a connection leads to. */
export type Hop = 'node' | 'sentinel'

/**
 * Why a server was not let be used. `wrong-password`: WRONGPASS. `no-password`: NOAUTH, none was given. `no-permission`: NOPERM, a
 * right is missing. `unknown-issuer`: nobody trusted vouches for its certificate. `wrong-name`: the certificate is another one's.
 * `expired`, `not-yet-valid`: by this machine's clock. `bad-certificate`: anything else about it. `client-certificate`: it wants one
 * of this client, or refuses the one it was given. `needs-tls`: plain words at a port that speaks TLS. `no-tls`: TLS at a port that
 * speaks none. `protected-mode`: it has no password, and serves its own machine alone. `credentials-failed`, `tls-failed`: the
 * function of the option threw, gave nothing of use, or took too long.
 */
export type AccessReason =
  | 'wrong-password'
  | 'no-password'
  | 'no-permission'
  | 'unknown-issuer'
  | 'wrong-name'
  | 'expired'
  | 'not-yet-valid'
  | 'bad-certificate'
  | 'client-certificate'
  | 'needs-tls'
  | 'no-tls'
  | 'protected-mode'
  | 'credentials-failed'
  | 'tls-failed'

const REFUSALS: readonly (readonly [RegExp, AccessReason])[] = [
  [/^(WRONGPASS|ERR AUTH |ERR invalid password)/, 'wrong-password'],
  [/^NOAUTH/, 'no-password'],
  [/^NOPERM/, 'no-permission'],
  [/^DENIED/, 'protected-mode']
]

/** What an error reply says about access; undefined when it is about something else. */
export function refusedAccess(words: string): AccessReason | undefined {
  return REFUSALS.find(([pattern]) => pattern.test(words))?.[1]
}

/** By the codes that Node gives: OpenSSL's `X509_V_ERR_` and `SSL_R_` names, and its own. */
const TLS_FAILURES: readonly (readonly [RegExp, AccessReason])[] = [
  [/^ERR_TLS_CERT_ALTNAME_INVALID$|^HOSTNAME_MISMATCH$/, 'wrong-name'],
  [/^CERT_HAS_EXPIRED$/, 'expired'],
  [/^CERT_NOT_YET_VALID$/, 'not-yet-valid'],
  [
    /^(UNABLE_TO_(GET_ISSUER_CERT|GET_ISSUER_CERT_LOCALLY|VERIFY_LEAF_SIGNATURE)|SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|CERT_UNTRUSTED|CERT_SIGNATURE_FAILURE)$/,
    'unknown-issuer'
  ],
  [/^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|RECORD_LAYER_FAILURE)$/, 'no-tls'],
  [
    /^ERR_SSL_.*ALERT_(CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_(EXPIRED|REVOKED|UNKNOWN)|HANDSHAKE_FAILURE|UNSUPPORTED_CERTIFICATE)$/,
    'client-certificate'
  ],
  [/^(CERT_|CRL_|INVALID_|PATH_LENGTH|ERR_SSL_|ERR_TLS_|ERR_OSSL_|UNABLE_TO_)/, 'bad-certificate']
]

/** What the code of a socket's error says about TLS; undefined when it is about something else. */
export function failedTls(code: string | undefined): AccessReason | undefined {
  return code === undefined ? undefined : TLS_FAILURES.find(([pattern]) => pattern.test(code))?.[1]
}

/** A TLS record of the kind alert (RFC 8446 section 5.1), in answer to words that are not TLS. */
export function isTlsAlert(bytes: Uint8Array): boolean {
  return bytes[0] === 21 && bytes[1] === 3
}

/** An error reply without the arguments that a server repeats of a command it does not know: HELLO's hold the password. */
export function withoutArguments(words: string): string {
  return words.replace(/,? with args beginning with:.*$/s, '')
}
