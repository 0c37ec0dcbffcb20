import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const { scripts, bin } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Readonly<Record<string, string>>
  bin: Readonly<Record<string, string>>
}
/** What npm does without a script of ours. */
const OF_NPM = ['ci', 'install', 'pack']

/** What a command line of the documents may begin with, beside what the shell itself brings. */
const PROGRAMS = ['git', 'kill', 'kind', 'kubectl', 'node', 'npm', 'npx', 'openssl', 'sleep', 'ssh', 'unshare']
const OF_THE_SHELL = ['do', 'done', 'echo', 'for', 'while', 'until', 'if', 'fi', 'wait', 'printf']

/** A program of this repository that the documents call, with the flags that they give it. */
export interface Call {
  readonly program: string
  readonly flags: readonly string[]
}

/** What is wrong with a block of shell, as far as that can be told without running it. */
export function shellProblems(block: string): string[] {
  const { status, stderr } = spawnSync('bash', ['-n'], { input: block, encoding: 'utf8' })
  return [
    ...(status === 0 ? [] : [stderr.trim()]),
    ...unknownPrograms(block),
    ...callProblems(block),
    ...pathProblems(block)
  ]
}

/** Calls of npm scripts and of the command line, wherever they stand in a text: blocks and words in quotes. */
export function callsIn(text: string): Call[] {
  const found: Call[] = []
  for (const [, name = '', rest = ''] of text.matchAll(/\bnpm run ([\w:-]+)(?: --(?= )([^\n`#&|;]*))?/g))
    found.push({ program: `npm run ${name}`, flags: flagsIn(rest) })
  for (const [, rest = ''] of text.matchAll(/\bnpm test -- ([^\n`#&|;]*)/g))
    found.push({ program: 'npm run test', flags: flagsIn(rest) })
  for (const [, name = '', rest = ''] of text.matchAll(/\bnpx ioredis-sentinel ([a-z]+)([^\n`#&|;]*)/g))
    found.push({ program: `ioredis-sentinel ${name}`, flags: flagsIn(rest) })
  return found
}

/** How to ask a program for its help: words for node. Undefined when there is no such program. */
export function helpOf(program: string): readonly string[] | undefined {
  const [first, ...words] = program.split(' ')
  if (first === 'ioredis-sentinel')
    return 'ioredis-sentinel' in bin ? ['--import', 'tsx', 'src/cli/main.ts', ...words, '--help'] : undefined
  const [command, ...rest] = (scripts[words.at(-1) ?? ''] ?? '').split(' ')
  if (command === 'node') return [...rest, '--help']
  return command === 'tsx' ? ['--import', 'tsx', ...rest, '--help'] : undefined
}

const flagsIn = (words: string): string[] =>
  [...words.matchAll(/(?:^|\s)(--[a-z][\w-]*)/g)].map(([, flag = '']) => flag)

function callProblems(block: string): string[] {
  const npm = [...block.matchAll(/\bnpm (?:run )?([\w:-]+)/g)].map(([, name = '']) => name)
  return npm.filter((name) => !(name in scripts) && !OF_NPM.includes(name)).map((name) => `npm has no script ${name}`)
}

function unknownPrograms(block: string): string[] {
  const own = [...block.matchAll(/^(\w+)\(\)/gm)].map(([, name = '']) => name)
  const known = [...PROGRAMS, ...OF_THE_SHELL, ...own, ...FUNCTIONS]
  const lines = block.replaceAll('\\\n', ' ').split('\n')
  return lines
    .filter((line) => line !== '' && !/^\s/.test(line))
    .map((line) => /^[^\s(]*/.exec(line.replace(/^(?:\w+=(?:\$\([^)]*\)|\S*)\s*)+/, ''))?.[0] ?? '')
    .filter((word) => word !== '' && !word.startsWith('#') && !known.includes(word))
    .map((word) => `${word} is no program that the documents know`)
}

/** Functions that docs/playing-around.md and docs/runbook.md define in their first block. */
const FUNCTIONS = ['ask', 'primary', 'redis', 'rs', 'sentinel']

function pathProblems(block: string): string[] {
  const paths = [
    ...matches(block, /(?:tsx|--config|--test|--project \w+) ((?:examples|bench|test|scripts)\/[\w./-]+)/g),
    ...matches(block, /apply -k (\S+)/g).map((folder) => `${folder}/kustomization.yaml`),
    ...matches(block, /delete -k (\S+)/g).map((folder) => `${folder}/kustomization.yaml`)
  ]
  const rendered = readdirSync(join(ROOT, 'k8s/rendered'))
    .map((file) => readFileSync(join(ROOT, 'k8s/rendered', file), 'utf8'))
    .join('\n')
  const objects = matches(block, /\b(?:statefulset|deployment|deploy|cronjob)\/([\w-]+)(?![\w$-])/g)
  return [
    ...paths.filter((path) => !existsSync(join(ROOT, path))).map((path) => `${path} is not there`),
    ...objects
      .filter((name) => !rendered.includes(`\n  name: ${name}\n`))
      .map((name) => `k8s/rendered has no object ${name}`)
  ]
}

const matches = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, one = '']) => one)
