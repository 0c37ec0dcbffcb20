import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { credentialsOf } from '../../src/runtime/credential-source.js'

const PERIOD_MS = 60_000

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** Gives the passwords in turn, the last one again and again; undefined: fails. */
function sourceOf(...passwords: (string | undefined)[]) {
  let calls = 0
  return credentialsOf(() => {
    const password = passwords[Math.min(calls++, passwords.length - 1)]
    if (password === undefined) throw new Error('not now')
    return { password, refreshAfterMs: PERIOD_MS }
  }, 'node')
}

function followerOf() {
  return { renewed: vi.fn(() => Promise.resolve()), failed: vi.fn() }
}

it('tries a renewal again that has failed, also when a new connection has been given credentials meanwhile', async () => {
  const source = sourceOf('a', undefined, 'b')
  const { renewed, failed } = followerOf()
  const unfollow = source.follow({ renewed, failed })
  await source.get()
  await vi.advanceTimersByTimeAsync(PERIOD_MS)
  expect(failed).toHaveBeenCalledTimes(1)

  const given = source.get()
  await vi.advanceTimersByTimeAsync(100)
  expect(await given).toMatchObject({ password: 'b' })
  expect(renewed).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(900)
  expect([renewed.mock.calls.length, source.renewals, source.current]).toMatchObject([1, 1, { password: 'b' }])

  await vi.advanceTimersByTimeAsync(PERIOD_MS - 1_000)
  expect(renewed).toHaveBeenCalledTimes(1)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(renewed).toHaveBeenCalledTimes(2)
  unfollow()
})

it('tries it again also when another client comes meanwhile', async () => {
  const source = sourceOf('a', undefined, 'b')
  const [first, second] = [followerOf(), followerOf()]
  const ends = [source.follow(first)]
  await source.get()
  await vi.advanceTimersByTimeAsync(PERIOD_MS)
  const given = source.get()
  await vi.advanceTimersByTimeAsync(100)
  await given
  ends.push(source.follow(second))
  await vi.advanceTimersByTimeAsync(900)
  expect([first.renewed.mock.calls.length, second.renewed.mock.calls.length]).toEqual([1, 1])
  for (const end of ends) end()
})

it('renews in time for a client that comes when all had gone who were owed a renewal', async () => {
  const source = sourceOf('a', undefined, 'b')
  const [first, second] = [followerOf(), followerOf()]
  const endFirst = source.follow(first)
  await source.get()
  await vi.advanceTimersByTimeAsync(PERIOD_MS)
  endFirst()
  const end = source.follow(second)
  const given = source.get()
  await vi.advanceTimersByTimeAsync(100)
  await given
  // What there was is no longer good, and is renewed at once; from then on in time.
  expect(second.renewed).toHaveBeenCalledTimes(1)
  await vi.advanceTimersByTimeAsync(PERIOD_MS)
  expect(second.renewed).toHaveBeenCalledTimes(2)
  end()
})

it('owes no renewal any more when one that was asked for has succeeded', async () => {
  const source = sourceOf('a', undefined, 'b')
  const follower = followerOf()
  const end = source.follow(follower)
  await source.get()
  await vi.advanceTimersByTimeAsync(PERIOD_MS)
  await source.renew()
  await vi.advanceTimersByTimeAsync(PERIOD_MS - 1_000)
  expect(follower.renewed).toHaveBeenCalledTimes(1)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(follower.renewed).toHaveBeenCalledTimes(2)
  end()
})
