import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { Child } from './child.js'

const out = mkdtempSync(join(tmpdir(), 'demo-test-'))
afterAll(() => rmSync(out, { recursive: true }))

const demo = (...args: string[]): Child => new Child('examples/demo/main.ts', [...args, '--no-open', '--out', out])

interface Json {
  readonly runs: readonly {
    readonly fault: string
    readonly figures: {
      readonly writes: Readonly<Record<string, number>>
      readonly reads: Readonly<Record<string, number>>
    }
    readonly verdict: { readonly pass: boolean; readonly line: string }
    readonly moments: readonly {
      readonly at: number
      readonly what: string
      readonly who: string
      readonly detail?: string
    }[]
  }[]
}

/** The process ids below one, however deep. */
function descendants(pid: number | undefined): number[] {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
  const pairs = table
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
  const below = (parent: number | undefined): number[] =>
    pairs.flatMap(([child, its]) => (its === parent && child !== undefined ? [child, ...below(child)] : []))
  return below(pid)
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('the demo', () => {
  it('runs the programs through a killed primary, and proves what became of every write', async () => {
    // At this rate no more than the budget of 5 is on the wire when silence sets in, however slow the machine is.
    await using child = demo('--fault', 'kill', '--json', '--rate', '40')
    const exitCode = await child.ended()
    const [run] = (JSON.parse(child.stdout) as Json).runs
    expect(run?.verdict.line, child.stderr).toMatch(
      /^PASS kill: [\d,]+ writes acknowledged, 0 doubled, order kept, 0 lost/
    )
    expect(run?.figures.writes).toMatchObject({ lostAfterPromotion: 0, doubled: 0, reordered: 0, failed: 0, hung: 0 })
    expect(run?.figures.writes['ok']).toBeGreaterThan(200)
    expect(run?.figures.reads).toMatchObject({ failed: 0, hung: 0 })
    const moments = run?.moments ?? []
    expect(moments.map((moment) => moment.what)).toEqual(
      expect.arrayContaining(['fault: kill', '+sdown', '+odown', 'promotion', 'moved', 'release', 'first ack after it'])
    )
    const times = moments.map((moment) => moment.at)
    expect(times).toEqual([...times].sort((a, b) => a - b))
    // What the sentinels said after the client's own report had ended is there as well: each of them, once.
    expect(moments.map((moment) => moment.what)).toEqual(
      expect.arrayContaining(['+promoted-slave', '+slave-reconf-done', '+failover-end', '+convert-to-slave', 'healed'])
    )
    const switched = moments.filter((moment) => moment.what === '+switch-master')
    expect(new Set(switched.map(({ who }) => who)).size).toBe(3)
    expect(new Set(switched.map(({ who, detail }) => `${who} ${detail}`)).size).toBe(switched.length)
    expect(exitCode).toBe(0)

    expect(child.stderr).toMatch(/steady traffic +primary 127\.\S+ \(stable\) +\d+ writes\/s +\d+ reads\/s +\d+ held/)
    expect(child.stderr).toContain(`The page with the plots: ${join(out, 'kill.html')}`)
    const page = readFileSync(join(out, 'kill.html'), 'utf8')
    expect(page).toContain(run?.verdict.line)
    expect(page).toContain('data-plot="throughput"')
    expect(page).toContain('data-plot="latency"')
    expect(page).not.toMatch(/(?:src|href)="https?:/)
  })

  it('restarts the primary between two writes, and loses track of none', async () => {
    await using child = demo('--fault', 'restart')
    expect(await child.ended(), child.stdout).toBe(0)
    expect(child.stdout).toMatch(/^PASS restart: .* 0 lost, 0 unknown, /m)
    expect(child.stdout).toMatch(/^ *ms after the fault +who +what/m)
    expect(child.stdout).toMatch(/^ +-\d+ +writer +writer pauses .*\n +0 +demo +fault: restart .*between two writes/m)
    expect(child.stdout).toMatch(/^ +\d+ +writer +writer goes on /m)
    expect(child.stdout).toMatch(/calls held in the writer +[1-9]/)
    expect(child.stdout).not.toContain('\u001b')
  })

  it.concurrent('leaves nothing running when it is interrupted', async () => {
    await using child = demo('--fault', 'kill')
    await vi.waitFor(() => expect(child.stdout).toContain('fault: kill'), 30_000)
    const started = descendants(child.process.pid)
    expect(started.length).toBeGreaterThanOrEqual(8)
    child.process.kill('SIGINT')
    expect(await child.ended()).toBe(130)
    await vi.waitFor(() => expect(started.filter(alive)).toEqual([]), 30_000)
  })

  it.concurrent('leaves nothing running when it is killed', async () => {
    await using child = demo('--fault', 'freeze')
    await vi.waitFor(() => expect(child.stdout).toContain('fault: freeze'), 30_000)
    const started = descendants(child.process.pid)
    child.process.kill('SIGKILL')
    await vi.waitFor(() => expect(started.filter(alive)).toEqual([]), 30_000)
  })

  it.concurrent('refuses an unknown fault, names those there are, and starts nothing', async () => {
    await using child = demo('--fault', 'explode')
    expect(await child.ended()).toBe(2)
    expect(child.stderr).toMatch(/'explode' is invalid. Allowed choices are kill, freeze, partition, .*manual, restart/)
    expect(existsSync(join(out, 'explode.html'))).toBe(false)
  })
})
