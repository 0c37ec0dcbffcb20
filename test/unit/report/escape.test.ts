import { describe, expect, it } from 'vitest'
import { escapeHtml, jsonForScript } from '../../../src/cli/report/escape.js'

describe('escapeHtml', () => {
  it('leaves nothing that ends an element or an attribute', () => {
    expect(escapeHtml(`<b a="1" c='2'>&`)).toBe('&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;')
  })
})

describe('jsonForScript', () => {
  const value = { text: '</script><!-- & \u2028\u2029', list: [1, null] }

  it('cannot end the element it stands in', () => {
    expect(jsonForScript(value)).not.toMatch(/[<>&\u2028\u2029]/)
  })

  it('is still the same value', () => {
    expect(JSON.parse(jsonForScript(value))).toEqual(value)
  })
})
