import { describe, expect, it, vi } from 'vitest'
import type { ErrorContext } from '../../src/errors.js'
import {
  AbortedError,
  ConfigurationError,
  ConflictError,
  CursorLostError,
  DeadlineError,
  DurabilityError,
  FailoverFailedError,
  NoPrimaryError,
  NoReplicaError,
  QueueFullError,
  SentinelError,
  SentinelsUnreachableError,
  UnknownOutcomeError
} from '../../src/errors.js'

const context: ErrorContext = {
  group: 'mymaster',
  stage: 'queued',
  endpoint: { host: '::1', port: 6379 },
  phase: 'failover',
  command: 'set',
  cause: new Error('why')
}

const ALL = [
  ['CONFIGURATION', 'ConfigurationError', new ConfigurationError('no', context)],
  ['NO_PRIMARY', 'NoPrimaryError', new NoPrimaryError('no', context)],
  ['NO_REPLICA', 'NoReplicaError', new NoReplicaError('no', context)],
  [
    'SENTINELS_UNREACHABLE',
    'SentinelsUnreachableError',
    new SentinelsUnreachableError('no', { ...context, causes: {} })
  ],
  ['DEADLINE', 'DeadlineError', new DeadlineError('no', { ...context, deadlineMs: 5 })],
  ['QUEUE_FULL', 'QueueFullError', new QueueFullError('no', context)],
  ['UNKNOWN_OUTCOME', 'UnknownOutcomeError', new UnknownOutcomeError('no', context)],
  ['NOT_DURABLE', 'DurabilityError', new DurabilityError('no', { ...context, confirmed: 1, replicas: 2 })],
  ['CURSOR_LOST', 'CursorLostError', new CursorLostError('no', { ...context, cursor: '17' })],
  ['CONFLICT', 'ConflictError', new ConflictError('no', { ...context, reason: 'changed', keys: ['k'], attempts: 3 })],
  ['ABORTED', 'AbortedError', new AbortedError('no', context)],
  ['FAILOVER', 'FailoverFailedError', new FailoverFailedError('no', { ...context, step: 'follow', primary: 'unknown' })]
] as const

describe.each(ALL)('%s', (code, name, error) => {
  it('has its code, its name, and where and when it happened', () => {
    expect(error).toMatchObject({
      code,
      name,
      message: 'no',
      group: 'mymaster',
      stage: 'queued',
      endpoint: '[::1]:6379',
      phase: 'failover',
      command: 'set',
      cause: new Error('why')
    })
    expect(String(error)).toBe(`${name}: no`)
    expect(error.stack).toContain(`errors.test.ts`)
  })

  it('is a SentinelError, an Error, and of its own class alone', () => {
    expect(error).toBeInstanceOf(Error)
    expect(error).toBeInstanceOf(SentinelError)
    expect(ALL.filter(([, , other]) => error instanceof other.constructor)).toHaveLength(1)
  })

  it('is so for another copy of the package too', async () => {
    vi.resetModules()
    const copy = (await import('../../src/errors.js')) as unknown as Readonly<Record<string, unknown>>
    expect(copy['SentinelError']).not.toBe(SentinelError)
    expect(error).toBeInstanceOf(copy['SentinelError'] as typeof SentinelError)
    const matching = ALL.filter(([, className]) => error instanceof (copy[className] as typeof SentinelError))
    expect(matching.map(([, className]) => className)).toEqual([name])
  })

  it('shows no brand among its own fields', () => {
    expect(
      Object.getOwnPropertySymbols(error).filter((key) => Object.prototype.propertyIsEnumerable.call(error, key))
    ).toEqual([])
  })
})

describe('what belongs to one of them', () => {
  it('stage options, when nothing is said', () => {
    expect(new ConfigurationError('no')).toMatchObject({ stage: 'options', group: undefined, endpoint: undefined })
    expect(new ConfigurationError('no')).not.toHaveProperty('cause')
  })

  it('the names that are known', () => {
    expect(new NoPrimaryError('no', context).knownNames).toEqual([])
    expect(new NoPrimaryError('no', { ...context, knownNames: ['a'] }).knownNames).toEqual(['a'])
  })

  it('a cause for each sentinel, and the deadline', () => {
    const causes = { 'a:1': new Error('refused') }
    expect(new SentinelsUnreachableError('no', { ...context, causes }).causes).toBe(causes)
    expect(new DeadlineError('no', { ...context, deadlineMs: 250 }).deadlineMs).toBe(250)
  })
})

describe('instanceof', () => {
  it.each([undefined, null, 'SentinelError', {}, new Error('no'), { code: 'DEADLINE' }])(
    'nothing else: %s',
    (value) => {
      expect(value instanceof SentinelError).toBe(false)
      expect(value instanceof DeadlineError).toBe(false)
    }
  )
})
