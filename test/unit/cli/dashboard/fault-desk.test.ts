import { describe, expect, it, vi } from 'vitest'
import { FaultDesk, type FaultKit } from '../../../../src/cli/dashboard/fault-desk.js'

const kit = (inject: FaultKit['inject']): FaultKit => ({
  faults: [
    { name: 'kill', description: 'kills', unavailable: '' },
    { name: 'partition', description: 'cuts off', unavailable: 'needs root' }
  ],
  confirm: false,
  inject
})

describe('FaultDesk', () => {
  it('refuses all where none is allowed', async () => {
    const desk = new FaultDesk(undefined, () => undefined)
    expect(await desk.inject('kill')).toMatchObject({ ok: false, status: 403 })
    expect(await desk.heal()).toMatchObject({ ok: false, status: 403 })
    expect(desk.view).toMatchObject({ faults: [], confirm: true })
  })

  it('says which there are, and why one cannot be done', async () => {
    const inject = vi.fn<FaultKit['inject']>()
    const desk = new FaultDesk(kit(inject), () => undefined)
    expect(await desk.inject('burn')).toMatchObject({
      status: 404,
      text: expect.stringContaining('kill, partition') as string
    })
    expect(await desk.inject('partition')).toMatchObject({
      status: 409,
      text: expect.stringContaining('needs root') as string
    })
    expect(inject).not.toHaveBeenCalled()
  })

  it('keeps what can be healed until it is', async () => {
    const heal = vi.fn(async () => undefined)
    const desk = new FaultDesk(
      kit(async () => ({ description: 'a killed', heal })),
      () => undefined
    )
    expect(await desk.inject('kill')).toEqual({ ok: true, status: 200, text: 'a killed' })
    expect(desk.view.toHeal).toEqual(['a killed'])
    expect(await desk.heal()).toMatchObject({ ok: true, text: 'healed: a killed' })
    expect(heal).toHaveBeenCalledOnce()
    expect(desk.view.toHeal).toEqual([])
    expect(await desk.heal()).toMatchObject({ ok: true, text: 'there is nothing to heal' })
  })

  it('keeps what could not be healed, and says why', async () => {
    const fails = async (): Promise<void> => {
      throw new Error('it is stuck')
    }
    const desk = new FaultDesk(
      kit(async () => ({ description: 'a killed', heal: fails })),
      () => undefined
    )
    await desk.inject('kill')
    expect(await desk.heal()).toEqual({ ok: false, status: 500, text: 'it is stuck' })
    expect(desk.view).toMatchObject({ toHeal: ['a killed'], busy: false })
  })

  it('does one at a time, and tells when that changes', async () => {
    let resolve!: (done: { description: string }) => void
    const promise = new Promise<{ description: string }>((settle) => (resolve = settle))
    const seen: boolean[] = []
    const desk = new FaultDesk(
      kit(() => promise),
      () => seen.push(desk.view.busy)
    )
    const first = desk.inject('kill')
    expect(await desk.inject('kill')).toMatchObject({ ok: false, status: 409 })
    resolve({ description: 'done' })
    expect(await first).toMatchObject({ ok: true })
    expect(seen).toEqual([true, false])
  })
})
