import { execFile } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { DOCUMENTS, read, ROOT } from './documents.js'
import { codeBlocks, fences } from './markdown.js'
import { callsIn, helpOf, shellProblems } from './shell.js'

/** What is wrong with a block of each kind. A kind that is not here has no rule yet: give it one. */
const RULES: Readonly<Record<string, (block: string) => readonly string[]>> = {
  // docs-code.test.ts, readme.test.ts and migration.test.ts compile them.
  ts: () => [],
  sh: shellProblems,
  // What a program printed, or a line of a server's configuration: nothing that one could run.
  text: (block) =>
    block
      .split('\n')
      .filter((line) => /^\$ |^(npm|npx|node|kubectl|redis-cli|docker) |^(import|const|export) /.test(line))
      .map((line) => `this is code, in a block of text: ${line}`),
  yaml: (block) => parseAllDocuments(block).flatMap(({ errors }) => errors.map(({ message }) => message)),
  json: (block) => {
    try {
      JSON.parse(block)
      return []
    } catch (error) {
      return [(error as Error).message]
    }
  }
}

describe.each(DOCUMENTS)('the blocks of %s', (path) => {
  it('are of kinds that have a rule, and keep it', () => {
    const problems = fences(read(path)).flatMap(({ language, block }) => {
      const rule = RULES[language]
      return rule === undefined ? [`no rule for "${language}"`] : rule(block)
    })
    expect(problems).toEqual([])
  })
})

describe('the rules', () => {
  it.each([
    ['sh', 'npm run no-such-script\n', 'npm has no script no-such-script'],
    ['sh', 'for x in 1; do echo\n', 'syntax error'],
    ['sh', 'npx tsx examples/no-such.ts\n', 'examples/no-such.ts is not there'],
    ['sh', 'kubectl apply -k k8s/no-such\n', 'k8s/no-such/kustomization.yaml is not there'],
    ['sh', 'kubectl -n redis rollout status statefulset/no-such\n', 'k8s/rendered has no object no-such'],
    ['sh', 'brew services start redis\n', 'brew is no program'],
    ['text', '$ npm test\n', 'this is code'],
    ['yaml', 'a: [1\n', 'Flow sequence'],
    ['json', '{ "a": }\n', 'Unexpected token']
  ])('of %s find what is wrong in %j', (language, block, problem) => {
    expect(RULES[language]?.(block).join('\n')).toContain(problem)
  })
})

describe('the flags that the documents give', () => {
  const calls = DOCUMENTS.flatMap((path) => callsIn(read(path)))
  const programs = [...new Set(calls.map(({ program }) => program))].sort()

  it('are given to npm scripts and commands that exist', () => {
    expect(calls.length).toBeGreaterThan(40)
    const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: object }).scripts)
    const missing = programs.filter(
      (program) => !program.startsWith('ioredis-sentinel ') && !scripts.includes(program.replace('npm run ', ''))
    )
    expect(missing).toEqual([])
  })

  const flagged = programs
    .map((program) => ({
      program,
      flags: [...new Set(calls.filter((call) => call.program === program).flatMap((call) => call.flags))].sort()
    }))
    .filter(({ flags }) => flags.length > 0)

  it.concurrent.each(flagged)('$program knows $flags', async ({ program, flags }) => {
    const words = helpOf(program)
    expect(words, `${program} cannot be asked for its help`).toBeDefined()
    const help = await said(words ?? [])
    const known = [...help.matchAll(/(?<![\w-])--[a-z][\w-]*/g)].map(([flag]) => flag)
    expect(['--help', ...known]).toEqual(expect.arrayContaining(flags))
  })
})

function said(words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, words, { cwd: ROOT, timeout: 180_000 }, (error, stdout, stderr) => {
      if (error === null) resolve(`${stdout}${stderr}`)
      else reject(new Error(`node ${words.join(' ')}: ${stderr}`))
    })
  })
}

describe('docs/testing-your-app.md', () => {
  it('shows the examples as they are run', () => {
    const shown = codeBlocks(read('docs/testing-your-app.md'), 'ts')
    const files = ['shop.ts', 'shop.vitest.ts', 'shop.jest.ts', 'shop.node-test.ts']
    expect(shown).toEqual(files.map((file) => read(`examples/testing/${file}`)))
  })

  it('has the commands that stand in their first lines', () => {
    const commands = codeBlocks(read('docs/testing-your-app.md'), 'sh').map((block) => block.trim())
    const said = ['vitest', 'jest', 'node-test'].map((runner) =>
      read(`examples/testing/shop.${runner}.ts`).split('\n')[0]?.replace('// ', '')
    )
    expect(commands).toEqual(said)
  })
})
