import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ofKind, readRendered, ROOT } from './support/objects.js'

/** Every script of every ConfigMap, once: what differs between overlays is only the configuration. */
const SCRIPTS = new Map(
  ['production', 'drills'].flatMap((name) =>
    ofKind(readRendered(name), 'ConfigMap').flatMap(({ metadata, data = {} }) =>
      Object.entries(data)
        .filter(([file]) => file.endsWith('.sh'))
        .map(([file, text]) => [`${metadata.name.replace(/-config.*/, '')}/${file}`, text] as const)
    )
  )
)

/** The shells of the upstream images: Debian's and Alpine's. */
const SHELLS = [
  { shell: 'dash', words: ['dash', '-n'] },
  { shell: "busybox's ash", words: ['busybox', 'ash', '-n'] }
]

const WHERE = `shellcheck, dash and busybox are what these tests need: apt-get install shellcheck dash busybox`

function run(words: readonly string[], cwd?: string): { code: number; text: string } {
  const [command = '', ...args] = words
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', cwd })
  if (error !== undefined) throw new Error(`${command} cannot be run; ${WHERE}`, { cause: error })
  return { code: status ?? -1, text: stdout + stderr }
}

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'scripts-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const written = (text: string): string => {
  const path = join(folder, 'script.sh')
  writeFileSync(path, text)
  return path
}

/** SC1091: /config is not here. SC2034: lib.sh is for others. SC2016: what awk gets is not meant for the shell. */
const shellcheck = (path: string) => run(['shellcheck', '-s', 'sh', '-e', 'SC1091,SC2034,SC2016', path])

describe.each([...SCRIPTS])('%s', (file, text) => {
  it('is clean to shellcheck', () => {
    expect(shellcheck(written(text)).text).toBe('')
  })

  it.each(SHELLS)('can be read by $shell', ({ words }) => {
    expect(run([...words, written(text)])).toEqual({ code: 0, text: '' })
  })

  it('says in its header what it is for, and which hazards it answers', () => {
    const header = /^(?:#.*\n)+/.exec(text)?.[0] ?? ''
    expect(header.replace(/^#!.*\n|^# shellcheck.*\n/gm, '').length).toBeGreaterThan(60)
    if (!/decide\.sh|failover\.sh|forget-replicas\.sh|check\.sh/.test(file))
      expect(header).toContain('Hazards answered here')
  })

  it('gives no password as an argument', () => {
    expect(text).not.toMatch(/-cli[^\n]* (-a|--pass)\b/)
    expect(text).not.toMatch(/echo [^|\n]*REDISCLI_AUTH/)
  })

  it('has no redirection after a special builtin that it could not survive', () => {
    // POSIX: a special builtin whose redirection fails ends the shell, "|| true" or not.
    expect(text).not.toMatch(/\b(exec|:|eval|\.) [^\n]*>[^\n]*\|\| true/)
  })
})

/** What kubectl is given stands behind it, up to the next pipe; what printf, a part of the shell, is given nobody sees. */
const PASSWORD_TO_KUBECTL = /\bkubectl [^|]*(\$NEW\b|\$\((printf|openssl)|--from-literal)/

it('no command of the documents gives a password as an argument', () => {
  const lines = ['kubernetes', 'runbook', 'playing-around'].flatMap((name) =>
    readFileSync(join(ROOT, `docs/${name}.md`), 'utf8').split('\n')
  )
  expect(lines.filter((line) => PASSWORD_TO_KUBECTL.test(line))).toEqual([])
})

it.each([
  `kubectl patch secret redis-auth -p "{\\"data\\":{\\"$KEY\\":\\"$(printf %s "$NEW" | base64 -w0)\\"}}"`,
  'kubectl create secret generic redis-auth --from-literal=user-app=secret',
  'kubectl exec redis-0 -- sh /config/rotate.sh accept user-app "$NEW"'
])('but this would: %s', (line) => {
  expect(line).toMatch(PASSWORD_TO_KUBECTL)
})

it('there are the scripts of both sets and of the drills', () => {
  expect([...SCRIPTS.keys()]).toEqual(
    expect.arrayContaining(['redis/start.sh', 'redis/prestop.sh', 'sentinel/start.sh', 'drill/check.sh'])
  )
})

it.each([
  ['an array', 'words=(a b)\necho "${words[0]}"\n'],
  ['a word that is not quoted', 'name=$1\nrm $name\n']
])('shellcheck refuses %s', (_, text) => {
  expect(shellcheck(written(`#!/bin/sh\n${text}`)).code).not.toBe(0)
})

it.each(SHELLS)('$shell refuses what it cannot read', ({ words }) => {
  expect(run([...words, written('if true; then\n')]).code).not.toBe(0)
})
