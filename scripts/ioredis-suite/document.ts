import type { Comparison } from './compare.js'
import { compare, count } from './compare.js'
import { expectedWith } from './expected.js'
import { isLeftOut, LEFT_OUT } from './left-out.js'
import type { Made, MadeByFile } from './mocha/settings.js'
import type { Case } from './mocha-run.js'
import { REASONS, type ReasonName } from './reasons.js'
import { SUITE_VERSION } from './suite-folder.js'

export interface Run {
  readonly title: string
  readonly replicas: number
  readonly cases: readonly Case[]
  readonly made: MadeByFile
}

/** docs/compatibility-ioredis.md: all of it is made by the script. */
export function document(plain: Run, ours: readonly Run[], versions: string): string {
  const comparisons = ours.map((run) => compare(plain.cases, run.cases, expectedWith(run.replicas)))
  const [first] = ours
  return `# ioredis’s own suite

<!-- written by \`npm run test:ioredis-suite -- --document\` -->

The functional tests of ioredis ${SUITE_VERSION} (mocha), run with \`SentinelRedis\` in the place of ioredis’s \`Redis\`. ${versions}.

\`\`\`sh
npm run test:ioredis-suite -- --suite ../ioredis   # a folder with the source of ioredis ${SUITE_VERSION}, after npm ci
\`\`\`

The suite is neither a part of this repository nor fetched. It needs 127.0.0.1:6379 and the ports of its mock servers: \`unshare --net\` gives it
a network of its own. The exit code is 0 when every difference has a reason below, and every case below still differs.

| | passing | pending | failing |
| --- | --- | --- | --- |
${[plain, ...ours].map((run) => countsRow(run.title, run.cases)).join('\n')}
${countsRow(
  `${plain.title}, without what is left out below`,
  plain.cases.filter(({ file }) => !isLeftOut(file))
)}

Pending are mostly commands that the server is too old for, and what needs a cluster. Failing with both, for the age of the server: ${failingTitles(comparisons)}.

## How it is run

- \`new Redis(…)\` of a test makes a \`SentinelRedis\`, whether by port and host, URL or options. The suite’s own address is a group of real servers, started by the testkit. A mock server of a test, or a port where nobody listens, is the primary of a group of its own, which a fake sentinel names. Mock servers are taught to say in their answer to HELLO that they are a primary.
- What a test has left open is disconnected behind it.
${first === undefined ? '' : `- So ${madeLine(first.made)}.`}

Left out, since nothing there can be given a \`SentinelRedis\`:

| files | cases | why |
| --- | --- | --- |
${LEFT_OUT.map(({ path, reason }) => `| \`${path}\` | ${plain.cases.filter(({ file }) => file.startsWith(path)).length} | it ${reason} |`).join('\n')}

In \`client_info.ts\`, \`lazy_connect.ts\` and \`scan_stream.ts\` the cases about Cluster run with ioredis’s own, and count as passing.

## What differs, by design

| what | why | ${ours.map(({ title }) => title).join(' | ')} |
| --- | --- | ${ours.map(() => '---').join(' | ')} |
${reasonRows(comparisons)}

Case by case:

${caseList(comparisons)}
`
}

function countsRow(title: string, cases: readonly Case[]): string {
  return `| ${title} | ${count(cases, 'passing')} | ${count(cases, 'pending')} | ${count(cases, 'failing')} |`
}

function failingTitles(comparisons: readonly Comparison[]): string {
  const titles = new Set(comparisons.flatMap(({ both }) => both.map(({ title }) => `“${title}”`)))
  return [...titles].join(', ')
}

function madeLine(made: MadeByFile): string {
  const all = Object.values(made)
  const sum = (of: (one: Made) => number): number => all.reduce((total, one) => total + of(one), 0)
  const plain = new Map<string, number>()
  for (const [reason, times] of all.flatMap((one) => Object.entries(one.plain)))
    plain.set(reason, (plain.get(reason) ?? 0) + times)
  const left = [...plain].map(([reason, times]) => `${times} asked for ${reason} and got ioredis’s`).join(', ')
  return `${sum((one) => one.real)} clients were made for the real servers and ${sum((one) => one.mock)} for mock servers, ${sum((one) => one.refused)} were refused by a \`ConfigurationError\`${left === '' ? '' : `, ${left}`}`
}

function reasonRows(comparisons: readonly Comparison[]): string {
  return names()
    .map((name) => {
      const { what, why } = REASONS[name]
      const counts = comparisons.map(({ byReason }) => byReason.get(name)?.length ?? 0)
      return `| ${what} | ${why} | ${counts.join(' | ')} |`
    })
    .join('\n')
}

function caseList(comparisons: readonly Comparison[]): string {
  return names()
    .map((name) => {
      const cases = new Map<string, string[]>()
      for (const { file, title } of comparisons.flatMap(({ byReason }) => byReason.get(name) ?? [])) {
        const short = file.replace('test/functional/', '')
        const titles = cases.get(short) ?? []
        if (!titles.includes(title)) cases.set(short, [...titles, title])
      }
      const lines = [...cases].map(([file, titles]) => `  - \`${file}\`: ${titles.map(quoted).join('; ')}`)
      return [`- ${REASONS[name].what}:`, ...lines].join('\n')
    })
    .join('\n')
}

function quoted(title: string): string {
  return title.replaceAll('|', '\\|').replaceAll('<', '\\<').replaceAll('*', '\\*')
}

function names(): ReasonName[] {
  return Object.keys(REASONS) as ReasonName[]
}
