import { describe, expect, it } from 'vitest'
import { Hearing, type Link } from '../../../../src/cli/browser/dashboard/view/hearing.js'

/** What a page that was opened at 0 says of its link, as it changes. */
function opened(): { readonly hearing: Hearing; readonly said: Link[] } {
  const said: Link[] = []
  return { hearing: new Hearing(0, (link) => said.push(link)), said }
}

describe('Hearing', () => {
  it('holds the tool to be lost that has said nothing for more than 3 s, and to be live with its next word', () => {
    const { hearing, said } = opened()
    hearing.heard(100)
    for (const now of [1_000, 3_100]) hearing.check(now)
    expect(said).toEqual(['live'])
    hearing.check(3_101)
    hearing.check(9_000)
    expect(said).toEqual(['live', 'lost'])
    for (const now of [9_100, 9_350]) hearing.heard(now)
    hearing.check(12_000)
    expect(said).toEqual(['live', 'lost', 'live'])
  })

  it('holds one to be lost that never said a word', () => {
    const { hearing, said } = opened()
    hearing.check(3_001)
    expect(said).toEqual(['lost'])
  })

  it('does not say that it tries again where the browser does not', () => {
    const { hearing, said } = opened()
    hearing.heard(0)
    hearing.broke(false)
    hearing.broke(true)
    hearing.check(10_000)
    expect(said).toEqual(['live', 'lost', 'refused'])
  })
})
