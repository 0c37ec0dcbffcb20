import { type Reason, type ReasonName, REASONS } from './reasons.js'

/** A case that fails with SentinelRedis by design. */
export interface Expected {
  /** As in a Case. */
  readonly file: string
  readonly title: string
  readonly reason: ReasonName
  /** What comes first decides whether it differs. */
  readonly sometimes?: boolean
}

/** By the file below test/functional and the reason. Each case is named in full, so that one that no longer differs is found. */
const TITLES: Readonly<Record<string, Readonly<Partial<Record<ReasonName, readonly string[]>>>>> = {
  'auth.ts': {
    greeting: [
      'auth protocol 2 should send auth before other commands',
      'auth protocol 2 should resend auth after reconnect',
      'auth auth:redis5-specific should handle auth with Redis URL string (redis://:foo@bar.com/) correctly',
      'auth auth:redis5-specific should not emit "error" when the server doesn\'t need auth',
      'auth auth:redis5-specific should emit "error" when the password is wrong',
      'auth auth:redis5-specific should emit "error" when username and password are set for a Redis 5 server',
      'auth auth:redis6-specific protocol 2 should handle username and password auth (Redis >=6) correctly',
      'auth auth:redis6-specific protocol 2 should handle auth with Redis URL string with username and password (Redis >=6) (redis://foo:bar@baz.com/) correctly',
      'auth auth:redis6-specific protocol 2 should not emit "error" when the Redis >=6 server doesn\'t need auth',
      'auth auth:redis6-specific protocol 2 should emit "error" when passing username but not password to Redis >=6 instance',
      'auth auth:redis6-specific protocol 2 should emit "error" when the password is wrong',
      'auth auth:redis6-specific protocol 3 should not emit "error" when the Redis >=6 server doesn\'t need auth'
    ],
    endpoint: [
      'auth auth:redis6-specific protocol 3 should emit "error" when passing username but not password to Redis >=6 instance',
      'auth auth:redis6-specific protocol 3 should emit "error" when the password is wrong'
    ],
    readyCheck: [
      'auth auth:redis5-specific should emit "error" when password is not provided',
      'auth auth:redis6-specific protocol 2 should emit "error" when password is required but not provided',
      'auth auth:redis6-specific protocol 3 should emit "error" when password is required but not provided'
    ]
  },
  'autopipelining.ts': {
    bounded: ['autoPipelining for single node should handle large pipelines without RangeError']
  },
  'commandTimeout.ts': {
    timers: ['commandTimeout does not leak timers for commands in offline queue']
  },
  'commands/himport.ts': {
    refused: [
      'himport prepares configured fieldsets during the handshake',
      'himport keeps user HIMPORT commands behind the handshake gate',
      'himport replays configured fieldsets after reconnecting',
      'himport keeps the connection usable and rejects dependent SET with PREPARE errors',
      'himport invalidates configured fieldsets when RESET is sent',
      'himport prepares configured fieldsets before pipeline SET after RESET',
      'himport recovers once when a configured SET reports a missing fieldset',
      'himport does not retry a configured SET after its command timeout',
      'himport leaves explicit commands for unconfigured fieldsets unmanaged'
    ]
  },
  'commands/readonly.ts': {
    attempts: [
      'readonly (RESP2/legacy) "before all" hook for "returns OK"',
      'readonly (RESP3/legacy) "before all" hook for "returns OK"',
      'readonly (RESP3/resp3) "before all" hook for "returns OK"'
    ]
  },
  'commands/readwrite.ts': {
    attempts: [
      'readwrite (RESP2/legacy) "before all" hook for "returns OK"',
      'readwrite (RESP3/legacy) "before all" hook for "returns OK"',
      'readwrite (RESP3/resp3) "before all" hook for "returns OK"'
    ]
  },
  'connection.ts': {
    attempts: [
      'connection #connect should return a promise',
      'connection #connect should stop reconnecting when disconnected',
      'connection #connect should reject when closed (reconnecting)',
      'connection #connect should reject when closed (end)'
    ],
    retries: [
      'connection retryStrategy should pass the correct retry times',
      "connection retryStrategy should skip reconnecting when retryStrategy doesn't return a number"
    ],
    connecting: ['connection #connect should reject when connected'],
    greeting: ['connection should send HELLO command before any other commands'],
    introduction: [
      'connection enableReadyCheck: false keeps reconnecting after the connection is closed during client setup (#2099)'
    ],
    inside: [
      'connection connectTimeout should clear the timeout when connected',
      'connection connectTimeout should ignore timeout if connect',
      'connection #connect should close if socket destroyed before being returned'
    ],
    once: [
      'connection autoResendUnfulfilledCommands should resend unfulfilled commands to the correct db when reconnected'
    ],
    refused: [
      'connection readOnly should send readonly command exactly once before other commands',
      'connection readOnly should become ready with auto-pipelining enabled'
    ]
  },
  'disconnection.ts': {
    attempts: ['disconnection should clear all timers on server exits']
  },
  'elasticache.ts': {
    retries: [
      'elasticache should abort a failed transaction when connection is lost',
      'elasticache should not resend failed transaction commands',
      'elasticache should resend intact pipelines'
    ]
  },
  'maxRetriesPerRequest.ts': {
    retries: [
      'maxRetriesPerRequest throw the correct error when reached the limit',
      'maxRetriesPerRequest defaults to max 20 retries',
      'maxRetriesPerRequest can be changed',
      'maxRetriesPerRequest allows 0'
    ]
  },
  'monitor.ts': {
    readyCheck: ['monitor should wait for the ready event before monitoring'],
    replicas: ['monitor should receive commands']
  },
  'protocol_downgrade.ts': {
    greeting: [
      "protocol downgrade downgrades to RESP2 when the server doesn't support HELLO",
      'protocol downgrade downgrades to RESP2 on a NOPROTO error',
      'protocol downgrade downgrades to RESP2 when reconnectOnError is configured',
      'protocol downgrade re-sends AUTH after downgrading when a password is set',
      'protocol downgrade suppresses optimistic SELECT errors when downgrading with auth',
      'protocol downgrade routes pub/sub as RESP2 after downgrading'
    ]
  },
  'ready_check.ts': {
    readyCheck: [
      'ready_check should retry when redis is not ready',
      'ready_check should reconnect when info return a error',
      'ready_check warns for NOPERM error'
    ]
  },
  'reconnect_on_error.ts': {
    retries: [
      'reconnectOnError should pass the error as the first param',
      'reconnectOnError should reconnect if reconnectOnError returns true or 1',
      'reconnectOnError should reconnect and retry the command if reconnectOnError returns 2',
      'reconnectOnError should select the currect database',
      'reconnectOnError should work with pipeline',
      'reconnectOnError should work with pipelined multi'
    ]
  },
  'scan_stream.ts': {
    inside: ['*scanStream scanStream should recognize `COUNT`']
  },
  'send_command.ts': {
    refused: ['send command should support buffer as keyPrefix']
  },
  'tls.ts': {
    inside: ['tls option Standalone supports tls']
  },
  'tracing.ts': {
    attempts: ['tracing ioredis:connect should trace connection failure'],
    replicas: ['tracing ioredis:connect should trace the connection']
  }
}

const SOMETIMES: typeof TITLES = {
  'send_command.ts': {
    replicas: ['send command should reject loading invalid commands in connect event']
  }
}

/** What is expected to fail of a run with or without replicas. */
export function expectedWith(replicas: number): readonly Expected[] {
  const listed = (table: typeof TITLES): Expected[] =>
    Object.entries(table).flatMap(([name, byReason]) =>
      (Object.entries(byReason) as [ReasonName, readonly string[]][])
        .filter(([reason]) => replicas > 0 || (REASONS[reason] as Reason).needsReplicas !== true)
        .flatMap(([reason, titles]) => titles.map((title) => ({ file: `test/functional/${name}`, title, reason })))
    )
  return [...listed(TITLES), ...listed(SOMETIMES).map((one) => ({ ...one, sometimes: true }))]
}
