import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PROGRAMS } from '../live/docs/programs.js'
import { COMMANDS, type InTheSuite, PROGRAMS_ELSEWHERE } from './docs-runs.js'
import { DOCUMENTS, read, ROOT } from './documents.js'
import { codeBlocks, commandsIn, sections } from './markdown.js'

/** Their blocks are for a cluster, which the tests of test/kubernetes have. */
const OF_A_CLUSTER = ['docs/kubernetes.md', 'docs/playing-around.md', 'docs/runbook.md']
const documents = DOCUMENTS.filter((path) => !OF_A_CLUSTER.includes(path))

/** A command as the table has it. */
function keyOf(command: string): string {
  const [first = ''] = command.split('\n')
  return first.replace(/redis\+sentinel:\/\/127(?:[.:]\d+)+(?:,127[\d.:]+)+\/mymaster/, 'redis+sentinel://…/mymaster')
}

/** Files that are not there, and those that do not have what is said of them. */
function wrong(runs: readonly InTheSuite[]): string[] {
  return runs
    .filter(({ file, shownBy }) => !existsSync(join(ROOT, file)) || !read(file).includes(shownBy))
    .map(({ file, shownBy }) => `${file} has no ${shownBy}`)
}

const sorted = (words: Iterable<string>): string[] => [...new Set(words)].sort()

describe('the commands of the documents', () => {
  const commands = documents.flatMap((path) => commandsIn(read(path)).map(keyOf))

  it('are all in the table that says what runs them, and no other: a new one gets a line in test/package/docs-runs.ts', () => {
    expect(commands.length).toBeGreaterThan(80)
    expect(Object.keys(COMMANDS).sort()).toEqual(sorted(commands))
  })

  it('are run by files that are there, and run them', () => {
    const runs = Object.values(COMMANDS)
    expect(wrong(runs.map((run) => ('part' in run ? run.part : run)))).toEqual([])
  })

  it('that the suite does not run say why', () => {
    for (const run of Object.values(COMMANDS)) if ('why' in run) expect(run.why).toMatch(/^\w+ .*\.$/)
  })
})

describe('the programs of the documents', () => {
  // Of a cluster too: programs need a group, and not where it runs.
  const blocks = DOCUMENTS.flatMap((path) =>
    sections(read(path)).flatMap(({ heading, text }) => codeBlocks(text, 'ts').map(() => `${path}, ${heading}`))
  )

  it('are all run, each by one test: a new one gets an entry in test/live/docs/programs.ts', () => {
    const here = PROGRAMS.map(({ document, heading }) => `${document}, ${heading}`)
    const elsewhere = blocks.filter((block) => block in PROGRAMS_ELSEWHERE)
    expect([...here, ...elsewhere].sort()).toEqual(blocks.sort())
    expect(sorted(elsewhere)).toEqual(Object.keys(PROGRAMS_ELSEWHERE).sort())
  })

  it('that run elsewhere are run by files that are there, and run them', () => {
    expect(wrong(Object.values(PROGRAMS_ELSEWHERE))).toEqual([])
  })
})

describe('what is said of a run', () => {
  it.each([
    ['test/live/no-such.test.ts', 'x'],
    ['test/live/demo.test.ts', `demo('--fault', 'no-such')`]
  ])('is found wrong: %s with %s', (file, shownBy) => {
    expect(wrong([{ file, shownBy }])).toEqual([`${file} has no ${shownBy}`])
  })
})
