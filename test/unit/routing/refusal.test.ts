import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Refusal } from '../../../src/routing/refusal.js'
import { isBusy, redirectTarget, refusalOf } from '../../../src/routing/refusal.js'

const SCRIPT = 'script: beef354d82996a708aa0deac229a63225ff0dd9c, on @user_script:1.'

/** Recorded from Redis 7.0.15, and the same from Redis 8.0.2 and Valkey 8.1.1, but where the comment names another origin. */
const RECORDED: readonly (readonly [Refusal, string])[] = [
  ['demoted', "READONLY You can't write against a read only replica."],
  ['demoted', `READONLY You can't write against a read only replica. ${SCRIPT}`],
  ['demoted', `ERR user_script:1: READONLY You can't write against a read only replica. ${SCRIPT}`],
  ['demoted', "EXECABORT Transaction discarded because of: READONLY You can't write against a read only replica."],
  // Redis 6, from https://github.com/spring-projects/spring-data-redis/issues/3042
  [
    'demoted',
    "ERR Error running script (call to f_1028a5dba704e1d8a01fd96efeba25bb78f62df2): @user_script:4: @user_script: 4: -READONLY You can't write against a read only replica."
  ],
  ['loading', 'LOADING Redis is loading the dataset in memory'],
  ['loading', 'LOADING Valkey is loading the dataset in memory'],
  ['stale', "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."],
  [
    'stale',
    "EXECABORT Transaction discarded because of: MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."
  ],
  ['no-replicas', 'NOREPLICAS Not enough good replicas to write.'],
  ['no-replicas', `NOREPLICAS Not enough good replicas to write. ${SCRIPT}`],
  ['no-replicas', 'EXECABORT Transaction discarded because of: NOREPLICAS Not enough good replicas to write.'],
  ['unblocked', 'UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)'],
  // Valkey 8.1.1, after CLIENT CAPA redirect
  ['redirected', 'REDIRECT 127.71.7.3:7501'],
  // redis 7.0 src/cluster.c, clusterRedirectClient
  ['cluster-down', 'CLUSTERDOWN The cluster is down'],
  ['cluster-down', 'CLUSTERDOWN The cluster is down and only accepts read commands'],
  ['cluster-down', 'CLUSTERDOWN Hash slot not served'],
  ['try-again', 'TRYAGAIN Multiple keys request during rehashing of slot']
]

const NO_PROOF: readonly string[] = [
  'UNBLOCKED client unblocked via CLIENT UNBLOCK',
  'UNBLOCKED the stream key no longer exists',
  'EXECABORT Transaction discarded because of previous errors.',
  `ERR Write commands are not allowed from read-only scripts. ${SCRIPT}`,
  // A script's own words.
  'READONLY account is frozen',
  'LOADING bay is closed',
  'TRYAGAIN later',
  "MINE READONLY You can't write against a read only replica.",
  'REDIRECT to the other page',
  "ERR unknown command 'READONLY You'",
  "readonly You can't write against a read only replica.",
  'READONLY',
  ''
]

describe('refusalOf', () => {
  it.each(RECORDED)('%s: %s', (refusal, message) => {
    expect(refusalOf(message)).toBe(refusal)
  })

  it.each(NO_PROOF)('no proof: %s', (message) => {
    expect(refusalOf(message)).toBeUndefined()
  })

  it('takes no text for a refusal because one stands somewhere in it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...RECORDED), fc.stringMatching(/^[A-Z]+ $/), ([, message], word) => {
        fc.pre(word !== 'ERR ')
        expect(refusalOf(word + message)).toBeUndefined()
      })
    )
  })
})

describe('redirectTarget', () => {
  it.each([
    ['REDIRECT 127.71.7.3:7501', '127.71.7.3', 7501],
    ['REDIRECT redis-0.example:6379', 'redis-0.example', 6379],
    ['REDIRECT ::1:6379', '::1', 6379],
    ['REDIRECT [fe80::2]:6379', 'fe80::2', 6379]
  ])('%s', (message, host, port) => {
    expect(redirectTarget(message)).toEqual({ host, port })
  })

  it.each(['REDIRECT a:0', 'REDIRECT a:65536', 'REDIRECT :1', 'REDIRECT a', 'REDIRECT a b:1', 'MOVED 1 a:1', ''])(
    'none in "%s"',
    (message) => {
      expect(redirectTarget(message)).toBeUndefined()
    }
  )
})

/** As Redis 7 says it; Valkey has its own name in it. */
it.each([
  ['BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.', true],
  ['BUSY Valkey is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE.', true],
  ['BUSYGROUP Consumer Group name already exists', false],
  ['BUSYKEY Target key name already exists.', false],
  ['BUSY', false]
])('busy: %s', (message, expected) => {
  expect(isBusy(message)).toBe(expected)
  expect(refusalOf(message)).toBeUndefined()
})
