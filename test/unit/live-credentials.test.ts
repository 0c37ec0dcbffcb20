import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { accessOf } from '../../src/runtime/access.js'
import type { Access } from '../../src/runtime/access.js'
import type { LiveConnection } from '../../src/runtime/live-credentials.js'
import { authenticateLive } from '../../src/runtime/live-credentials.js'

const PATIENCE_MS = 5_000

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A function that gives another password at each call, and one connection that is told of them, unless it is in a MULTI. */
function oneInMulti() {
  let calls = 0
  const access: Access = accessOf({
    hop: 'node',
    credentials: () => ({ password: `password ${++calls}` }),
    tls: undefined
  })
  const told: (readonly string[])[] = []
  const state = { inMulti: true }
  const connection: LiveConnection = {
    route: undefined,
    authenticate: (words) => {
      if (state.inMulti) return 'later'
      told.push(words)
      return Promise.resolve()
    }
  }
  const renewed = (): Promise<void> => authenticateLive(connection, access, PATIENCE_MS, () => undefined)
  access.credentials.follow({ renewed, failed: () => undefined })
  return { access, told, state }
}

it('authenticates a connection behind its MULTI by what is current then, also when a new connection was given that', async () => {
  const { access, told, state } = oneInMulti()
  let done = false
  const renewal = access.credentials.renew().then(() => (done = true))
  await vi.advanceTimersByTimeAsync(50)
  await access.credentials.get()
  await vi.advanceTimersByTimeAsync(50)
  expect(done).toBe(false)
  state.inMulti = false
  await vi.advanceTimersByTimeAsync(50)
  await renewal
  expect(told).toEqual([['default', 'password 2']])
})

it('leaves it to the next renewal, when there is one meanwhile', async () => {
  const { access, told, state } = oneInMulti()
  const renewals = [access.credentials.renew()]
  await vi.advanceTimersByTimeAsync(50)
  renewals.push(access.credentials.renew())
  await vi.advanceTimersByTimeAsync(50)
  state.inMulti = false
  await vi.advanceTimersByTimeAsync(50)
  await Promise.all(renewals)
  expect(told).toEqual([['default', 'password 2']])
})
