import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { NotToBeHad } from '../../../scripts/matrix/cache.js'
import { writeWrappers } from '../../../scripts/matrix/wrappers.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "matrix-wrapper's folder-"))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** A system whose loader says what it is given, and its process id. */
function laySystem(): string {
  const root = join(folder, 'root')
  const loader = join(root, 'usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2')
  mkdirSync(dirname(loader), { recursive: true })
  mkdirSync(join(root, 'usr/lib/systemd'))
  writeFileSync(loader, '#!/bin/sh\necho $$\nfor word in "$@"; do echo "$word"; done\n')
  chmodSync(loader, 0o755)
  return root
}

describe('the wrappers of an unpacked system', () => {
  it("start its programs under Redis's names, by its own loader and libraries, with all arguments", () => {
    const root = laySystem()
    const bin = join(folder, 'bin')
    writeWrappers(bin, root, 'valkey')
    expect(readdirSync(bin).sort()).toEqual(['redis-cli', 'redis-sentinel', 'redis-server'])
    const said = execFileSync(join(bin, 'redis-sentinel'), ['a file', "it's", '', '--port', '1'], { encoding: 'utf8' })
    expect(said.split('\n').slice(1, -1)).toEqual([
      '--library-path',
      join(root, 'usr/lib/x86_64-linux-gnu'),
      join(root, 'usr/bin/valkey-sentinel'),
      ...['a file', "it's", '', '--port', '1']
    ])
  })

  it('are no process of their own: who starts one has the id of the server', async () => {
    const bin = join(folder, 'bin')
    writeWrappers(bin, laySystem(), 'redis')
    const child = spawn(join(bin, 'redis-server'), { stdio: ['ignore', 'pipe', 'ignore'] })
    let said = ''
    child.stdout.on('data', (text: Buffer) => (said += text.toString()))
    await once(child, 'close')
    expect(Number(said.split('\n')[0])).toBe(child.pid)
  })

  it('are not made without a loader', () => {
    mkdirSync(join(folder, 'usr/lib/x86_64-linux-gnu'), { recursive: true })
    expect(() => {
      writeWrappers(join(folder, 'bin'), folder, 'redis')
    }).toThrow(NotToBeHad)
  })
})
