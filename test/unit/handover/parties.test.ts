import { FailoverFailedError } from 'ioredis-sentinel'
import { describe, expect, it } from 'vitest'
import type { Party } from '../../../src/runtime/handover/parties.js'
import { Parties } from '../../../src/runtime/handover/parties.js'

class Recorded implements Party {
  holding = false
  answered = (): void => undefined

  hold(): Promise<void> {
    this.holding = true
    return new Promise((resolve) => {
      this.answered = resolve
    })
  }

  release(): void {
    this.holding = false
  }
}

describe('the clients of a handover', () => {
  it('hold together, and are waited for until the last has its replies', async () => {
    const [a, b] = [new Recorded(), new Recorded()]
    const parties = new Parties()
    parties.join(a)
    parties.join(b)
    let held = false
    const holding = parties.hold().then(() => (held = true))
    expect([a.holding, b.holding]).toEqual([true, true])
    a.answered()
    await Promise.resolve()
    expect(held).toBe(false)
    b.answered()
    await holding
    parties.release()
    expect([a.holding, b.holding]).toEqual([false, false])
  })

  it('hold at once when they come in the middle, and not when they come after it', () => {
    const parties = new Parties()
    void parties.hold()
    const [during, after] = [new Recorded(), new Recorded()]
    parties.join(during)
    expect(during.holding).toBe(true)
    parties.release()
    parties.join(after)
    expect([during.holding, after.holding]).toEqual([false, false])
  })

  it('are left alone once they have gone', () => {
    const parties = new Parties()
    const gone = new Recorded()
    parties.join(gone)
    parties.leave(gone)
    void parties.hold()
    expect(gone.holding).toBe(false)
  })
})

it('is one at a time: the second is refused, and one after the first is not', async () => {
  const parties = new Parties()
  let finish = (): void => undefined
  const first = parties.alone('g', () => new Promise<void>((resolve) => (finish = resolve)))
  const second = parties.alone('g', () => Promise.resolve())
  await expect(second).rejects.toBeInstanceOf(FailoverFailedError)
  await expect(second).rejects.toMatchObject({ code: 'FAILOVER', step: 'prepare', primary: 'unchanged', group: 'g' })
  finish()
  await first
  await expect(parties.alone('g', () => Promise.reject(new Error('it failed')))).rejects.toThrow('it failed')
  await expect(parties.alone('g', () => Promise.resolve('done'))).resolves.toBe('done')
})
