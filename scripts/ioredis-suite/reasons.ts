export interface Reason {
  /** What differs. */
  readonly what: string
  readonly why: string
  /** It shows only where there are replicas. */
  readonly needsReplicas?: true
}

/** Why cases of the suite that pass with ioredis do not with SentinelRedis, each by design. */
export const REASONS = {
  attempts: {
    what: 'An attempt to connect that fails is no event: no `close`, `reconnecting`, `end`, `error` or trace of `ioredis:connect`. `connect()` rejects after `connectDeadlineMs` (10 s), and the client goes on trying',
    why: 'a primary that cannot be reached is a failover that has begun; the next one is waited for'
  },
  retries: {
    what: '`retryStrategy`, `maxRetriesPerRequest` and `reconnectOnError` have no effect, and a write that is refused with READONLY waits for a primary',
    why: 'retries have one owner ([ADR 0003](adr/0003-one-retry-owner.md)); `deadlineMs` bounds them'
  },
  connecting: {
    what: '`connect()` while it is connecting already resolves when it is ready; with ioredis it rejects',
    why: 'whoever connects again wants to know when it is there. Once it is ready it rejects as in ioredis'
  },
  greeting: {
    what: 'The first words on a connection are `HELLO 2` or `HELLO 3` with AUTH, on the raw socket and not through `sendCommand`; AUTH by itself is not sent, and a server that answers HELLO with an error is not connected to',
    why: 'the role is verified before ioredis gets the socket ([ADR 0005](adr/0005-role-on-the-raw-socket.md)); Redis 6.2 or newer is required'
  },
  endpoint: {
    what: 'The `error` for wrong credentials is `the node <address> answers HELLO with "WRONGPASS …". <remedy>`, where ioredis has the server’s words alone',
    why: 'it says which node'
  },
  readyCheck: {
    what: 'No INFO is sent when connecting, so it cannot fail, and `_readyCheck` is not called',
    why: 'LOADING and the role are seen in the answers to the greeting'
  },
  introduction: {
    what: 'CLIENT SETNAME and SETINFO are sent, and not waited for: `ready` comes although the server closes the connection on them',
    why: 'commands follow at once; the loss of the connection is then what it always is'
  },
  inside: {
    what: 'The test replaces or watches a part of ioredis that is not used here: `StandaloneConnector`, `net.createConnection`, `Socket.setTimeout`, `Redis.prototype.scan`, or expects the connection at port 6379',
    why: 'sockets come from this library’s own connector, from wherever the primary is, and scan streams make their own calls'
  },
  timers: {
    what: 'The test counts the timers of the process',
    why: 'this client has some of its own while it is connected; all are gone when it has ended'
  },
  once: {
    what: 'An INCR that was written when the connection broke ends in `UnknownOutcomeError`; ioredis sends it again',
    why: 'it may have been executed ([what becomes of a call](guarantees.md#what-becomes-of-a-call))'
  },
  refused: {
    what: '`readOnly` and `himportFieldsets` are refused by a `ConfigurationError`, as is a `keyPrefix` that is a Buffer',
    why: 'see the README; ioredis’s own type of `keyPrefix` is string'
  },
  replicas: {
    what: 'A read that a replica answers is not in what MONITOR shows of the primary, `ioredis:connect` tells of the connections to replicas too, and sometimes a read is answered before the primary is connected',
    why: 'replicas answer reads, each on a connection of its own',
    needsReplicas: true
  },
  bounded: {
    what: '600 MiB that are to wait are refused with `QueueFullError`; ioredis takes them',
    why: '`maxQueuedBytes` is 64 MiB'
  }
} as const satisfies Record<string, Reason>

export type ReasonName = keyof typeof REASONS
