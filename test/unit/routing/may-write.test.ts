import { describe, expect, test } from 'vitest'
import { mayWrite } from '../../../src/routing/may-write.js'

describe('what may change data, and so may be asked to be durable', () => {
  test.each([
    ['set', ['k', 'v']],
    ['SET', ['k', 'v']],
    ['getdel', ['k']],
    ['pfcount', ['k']],
    ['xgroup', ['CREATE', 's', 'g', '$']],
    ['eval', ['return 1', '0']],
    ['evalsha', ['abc', '1', 'k']],
    ['fcall', ['f', '0']],
    ['exec', []],
    ['json.set', ['k', '$', '1']]
  ])('%s may', (name, args) => {
    expect(mayWrite(name, args)).toBe(true)
  })

  test.each([
    ['get', ['k']],
    ['scan', ['0']],
    ['ping', []],
    ['multi', []],
    ['subscribe', ['news']],
    ['publish', ['news', 'hello']],
    ['eval_ro', ['return 1', '0']],
    ['config', ['GET', 'save']]
  ])('%s may not', (name, args) => {
    expect(mayWrite(name, args)).toBe(false)
  })
})
