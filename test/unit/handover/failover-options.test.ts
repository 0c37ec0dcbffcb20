import { ConfigurationError } from 'ioredis-sentinel'
import type { FailoverOptions } from 'ioredis-sentinel'
import { expect, it } from 'vitest'
import { resolveFailover } from '../../../src/runtime/handover/failover-options.js'

it('is coordinated by this client within 30 s unless it is told otherwise', () => {
  const standard = { mode: 'coordinated', by: 'client', timeoutMs: 30_000, patienceMs: 11_000, signal: undefined }
  expect(resolveFailover()).toEqual(standard)
  expect(resolveFailover({})).toEqual(standard)
  const { signal } = new AbortController()
  const given: FailoverOptions = { mode: 'manual', by: 'sentinel', timeoutMs: 5_000, patienceMs: 0, signal }
  expect(resolveFailover(given)).toEqual(given)
})

it.each<[unknown, RegExp]>([
  [{ mode: 'gentle' }, /mode }\) is 'gentle'; allowed: coordinated, manual/],
  [{ by: 'me' }, /by }\) is 'me'; allowed: client, sentinel/],
  [{ timeoutMs: 999 }, /timeoutMs }\) is 999; allowed is a whole number of milliseconds from 1000 to 2147483647/],
  [{ timeoutMs: '5000' }, /timeoutMs }\) is '5000'/],
  [{ timeoutMs: Infinity }, /timeoutMs }\) is Infinity/],
  [{ patienceMs: -1 }, /patienceMs }\) is -1; allowed is a whole number of milliseconds from 0/],
  [{ patienceMs: 1.5 }, /patienceMs }\) is 1.5/],
  [{ signal: 5 }, /signal }\) is 5; allowed is an AbortSignal/],
  [
    { timeout: 5_000 },
    /no option "timeout". Did you mean "timeoutMs"\? Allowed: mode, by, timeoutMs, patienceMs, signal/
  ],
  [{ to: '10.0.0.1:6379' }, /no option "to"/],
  [null, /was given null; allowed: an object of mode/],
  [5, /was given 5/]
])('refuses %o', (options, message) => {
  expect(() => resolveFailover(options as FailoverOptions)).toThrow(ConfigurationError)
  expect(() => resolveFailover(options as FailoverOptions)).toThrow(message)
})
