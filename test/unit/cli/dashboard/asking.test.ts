import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Asking, type Outcome } from '../../../../src/cli/browser/dashboard/view/asking.js'
import { state } from './examples.js'

type Sent = Parameters<typeof fetch>
const sent = vi.fn<typeof fetch>()

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('fetch', sent)
  // As of a tool that stands still.
  sent.mockImplementation(
    async (...[, init]: Sent) =>
      new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(new Error('aborted'))))
  )
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  sent.mockReset()
})

const toldAt = (at: number, busy = false) => state({ at, faults: { ...state().faults, busy } })

/** What a press of kill has come to, so far. */
function pressed(asking: Asking): { outcome?: Outcome } {
  const press: { outcome?: Outcome } = {}
  void asking.post('faults/kill').then((outcome) => (press.outcome = outcome))
  return press
}

function heard(): Asking {
  const asking = new Asking()
  asking.hears(true)
  asking.told(toldAt(1234))
  return asking
}

it('asks nothing of a tool that is not heard, or not any more', async () => {
  const notHeard = { ok: false, text: 'the tool is not heard: nothing was asked of it' }
  expect(await new Asking().post('heal')).toEqual(notHeard)
  const asking = heard()
  asking.hears(false)
  expect(await asking.post('heal')).toEqual(notHeard)
  expect(sent).not.toHaveBeenCalled()
})

it('passes the answer on, and says with what it asks which state the page had heard', async () => {
  sent.mockResolvedValue(new Response(JSON.stringify({ ok: true, text: 'killed' })))
  expect(await heard().post('faults/kill')).toEqual({ ok: true, text: 'killed' })
  expect(sent).toHaveBeenCalledExactlyOnceWith(
    'faults/kill',
    expect.objectContaining({ method: 'POST', headers: { 'told-at': '1234' } })
  )
  expect(vi.getTimerCount()).toBe(0)
})

it('gives up what is not answered for 5 s, and says that nobody knows what became of it', async () => {
  const press = pressed(heard())
  await vi.advanceTimersByTimeAsync(5_000)
  expect(press.outcome).toBeUndefined()
  await vi.advanceTimersByTimeAsync(250)
  expect(press.outcome).toMatchObject({ ok: false, text: expect.stringContaining('is not known') as string })
  expect(vi.getTimerCount()).toBe(0)
})

it('waits for what the tool says that it does, however long it takes', async () => {
  const asking = heard()
  const press = pressed(asking)
  for (let at = 0; at < 40_000; at += 250) {
    asking.told(toldAt(at, true))
    await vi.advanceTimersByTimeAsync(250)
  }
  expect(press.outcome).toBeUndefined()
  await vi.advanceTimersByTimeAsync(5_250)
  expect(press.outcome?.ok).toBe(false)
})
