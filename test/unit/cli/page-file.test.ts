import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { PageFile } from '../../../src/cli/drill/page-file.js'

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'ioredis-sentinel-page-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}

test('a page that cannot be written any more is told, and nothing is thrown of it', () => {
  const out = join(folder(), 'out')
  mkdirSync(out)
  const page = new PageFile(join(out, 'drill.html'))
  rmSync(out, { recursive: true })
  expect(page.write('<html>')).toMatch(/^the page could not be written: ENOENT/)
  page.removeUnused()
})

test('one that was written stays, and one that was not is gone', () => {
  const [written, unused] = ['written.html', 'unused.html'].map((name) => join(folder(), name)) as [string, string]
  const page = new PageFile(written)
  expect(page.write('<html>')).toBeUndefined()
  page.removeUnused()
  expect(readFileSync(written, 'utf8')).toBe('<html>')
  new PageFile(unused).removeUnused()
  expect(existsSync(unused)).toBe(false)
})
