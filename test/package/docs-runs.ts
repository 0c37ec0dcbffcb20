import { LIBRARY_NAMES } from '../../scripts/libraries/catalogue.js'

/** A file of the suite, and what in it shows that it runs the block: the command, whence it takes it, or what it calls for it. */
export interface InTheSuite {
  readonly file: string
  readonly shownBy: string
}

/** Run by people, or by a recording: why, and what the suite runs of it. */
export interface BeyondTheSuite {
  readonly why: string
  readonly part: InTheSuite
}

export type Run = InTheSuite | BeyondTheSuite

const by = (file: string, shownBy: string): InTheSuite => ({ file, shownBy })
const beyond = (why: string, part: InTheSuite): BeyondTheSuite => ({ why, part })
/** Typed as it stands in the document, with the addresses of a group that is there. */
const typed = (beginning: string): InTheSuite => by('test/live/docs-blocks.test.ts', `'${beginning}'`)

const DEMO = by('test/live/demo.test.ts', `demo('--fault', 'kill', '--json'`)
const PARTS = by('test/package/commands/test-command.test.ts', `run('test', '--only', 'unit,spec')`)
const LIBRARIES = by('test/unit/libraries/options.test.ts', `'npm run test:libraries -- --repeat 10'`)
const MATRIX = by('test/unit/matrix/options.test.ts', `'npm run test:matrix -- --nodes 20'`)
const CLUSTER = by('test/kubernetes/quick/rollout-restart.test.ts', 'runTrial(')
const SIMULATE = by('test/simulation/simulate-command.test.ts', 'docs/reliability.md')
const OWN_WRITES = by('test/live/read-your-writes.test.ts', `process.env['READ_YOUR_WRITES_SEEDS'] ?? '1-8'`)
const PACKED = by('test/package/package-under-test.ts', `['pack', '--json'`)
const INSTALLED = by('test/package/package-under-test.ts', `['install', '--prefer-offline'`)
const RUNNERS = by('test/live/examples-testing.test.ts', `shell(first.replace('// ', ''))`)
const SITE = by('test/package/docs-site.test.ts', 'brokenLinks(pages, files)')
const EXAMPLES = by('test/live/libraries/examples.test.ts', 'new Child(`${FOLDER}/${name}.ts`')

const DOCUMENTS_OF_A_CLUSTER = by('test/kubernetes/quick/kubectl.test.ts', 'session?.run(')

const A_PART = 'It is a part of npm test.'
const RECORDED = 'npm run docs:terminal records it from a terminal, and fails when it ends otherwise.'
const DOWNLOADS = 'It downloads what it tests with.'
const MINUTES = 'It takes minutes; npm run test:kubernetes runs the same, and the suite a few lines in such a shell.'
const HOURS = 'It takes an hour or more; the suite runs the same tests once.'

/** What runs each command of the documents. A block that puts one into the background is told by its first line; `…` is a URL of a recording. */
export const COMMANDS: Readonly<Record<string, Run>> = {
  'npm run demo': DEMO,
  'npm run demo -- --fault freeze': beyond(
    'It takes a quarter of a minute; the suite ends it in the midst of the fault.',
    by('test/live/demo.test.ts', `demo('--fault', 'freeze')`)
  ),
  'npm run demo -- --fault all': beyond('It takes some minutes.', DEMO),
  'npm run demo -- --help': by('test/package/docs-blocks.test.ts', 'helpOf(program)'),

  'npm test': PARTS,
  'npm test -- --only types,lint,format': beyond(A_PART, PARTS),
  'npm test -- --only live kill': beyond(A_PART, PARTS),
  'npm test -- --only kubernetes': beyond(A_PART, PARTS),
  'npm test -- --only simulation': beyond(A_PART, PARTS),
  'npm run format': beyond(
    'It writes into the checkout.',
    by('scripts/lib/test-parts.mjs', `prettier.cjs', '--check'`)
  ),
  'npm run build': PACKED,
  'npm run docs:build': beyond('It takes minutes; the suite holds the links, and what the build finds broken.', SITE),
  'npm run docs:dev': beyond('It serves until it is ended.', SITE),

  'npm ci': beyond(
    'It is what made the checkout that is tested.',
    by('test/package/commands/prepare.test.ts', 'npm ci --include=dev')
  ),
  'npm pack': PACKED,
  'npm install ../ioredis-sentinel/ioredis-sentinel-0.1.0.tgz ioredis': INSTALLED,

  'npx ioredis-sentinel local': typed('npx ioredis-sentinel local'),
  'npx ioredis-sentinel local --dashboard': typed('npx ioredis-sentinel local'),
  'npx ioredis-sentinel local --tls --password secret': typed('npx ioredis-sentinel local'),
  'npx ioredis-sentinel status --sentinels 10.0.0.1:26379,10.0.0.2:26379,10.0.0.3:26379 --name mymaster': by(
    'test/package/readme.test.ts',
    `codeBlocks(section(README, 'Command line'), 'sh')`
  ),
  'npx ioredis-sentinel status --url redis+sentinel://…/mymaster': typed('npx ioredis-sentinel status --url redis+'),
  'npx ioredis-sentinel status --url redis://127.0.0.1:6379': typed('npx ioredis-sentinel status --url redis:'),
  'npx ioredis-sentinel status --sentinels 127.0.0.1:1 --name mymaster': typed(
    'npx ioredis-sentinel status --sentinels'
  ),
  'npx ioredis-sentinel watch --url redis+sentinel://…/mymaster': typed('npx ioredis-sentinel watch'),
  'npx ioredis-sentinel doctor --url redis+sentinel://…/mymaster': typed('npx ioredis-sentinel doctor'),
  'npx ioredis-sentinel doctor --sentinels 10.0.0.1:26379,10.0.0.2:26379,10.0.0.3:26379 --name mymaster':
    typed('npx ioredis-sentinel doctor'),
  'npx ioredis-sentinel failover --url redis+sentinel://…/mymaster': beyond(
    RECORDED,
    by('test/live/terminal.test.ts', `shown('failover')`)
  ),
  'npx ioredis-sentinel dashboard --for 1500 --url redis+sentinel://…/mymaster': typed(
    'npx ioredis-sentinel dashboard --for'
  ),
  'npx ioredis-sentinel dashboard --sentinels 10.0.0.1:26379,10.0.0.2:26379,10.0.0.3:26379 --name mymaster': typed(
    'npx ioredis-sentinel dashboard'
  ),
  'ssh -L 8080:127.0.0.1:8080 bastion npx ioredis-sentinel dashboard --port 8080 --url redis+sentinel://10.0.0.1:26379/mymaster':
    typed('ssh'),
  'npx ioredis-sentinel drill manual --url redis+sentinel://…/mymaster': beyond(
    RECORDED,
    typed('npx ioredis-sentinel drill manual')
  ),
  'npx ioredis-sentinel drill manual --url redis+sentinel://10.0.0.1:26379,10.0.0.2:26379/mymaster': typed(
    'npx ioredis-sentinel drill manual'
  ),
  'npx ioredis-sentinel drill kill --local --html kill.html': typed('npx ioredis-sentinel drill kill --local'),
  'npx ioredis-sentinel drill wait --within 120000 --json --yes > result.json &': typed(
    'npx ioredis-sentinel drill wait'
  ),
  'node count.mjs redis+sentinel://…/mymaster': by(
    'test/live/docs-start-here.test.ts',
    `codeBlocks(readFileSync('docs/start-here.md', 'utf8'), 'ts')`
  ),
  'kill -9 4711': typed('kill'),
  "unshare --map-root-user --net sh -c 'ip link set lo up && npx vitest run'": typed('unshare'),

  ...Object.fromEntries(LIBRARY_NAMES.map((name) => [`npx tsx examples/libraries/${name}.ts`, EXAMPLES])),
  'npx vitest run --config examples/testing/vitest.config.ts': RUNNERS,
  'npx jest --config examples/testing/jest.config.mjs': RUNNERS,
  'node --import tsx --test examples/testing/shop.node-test.ts': RUNNERS,

  'npm run simulate -- --seeds 20000': SIMULATE,
  'npm run simulate -- --seeds 300 --client real': SIMULATE,
  'npm run simulate -- --seed 5400': SIMULATE,
  'npm run simulate -- --mutate fence': SIMULATE,
  'READ_YOUR_WRITES_SEEDS=1-100 npx vitest run --project live test/live/read-your-writes.test.ts': beyond(
    'It takes two minutes; the suite runs eight of the seeds.',
    OWN_WRITES
  ),
  'READ_YOUR_WRITES_SEEDS=17 npx vitest run --project live test/live/read-your-writes.test.ts': beyond(
    'It is another seed of the same test.',
    OWN_WRITES
  ),
  'npm run bench:failover -- --runs 10 --lanes 2 --patience 8000': beyond(
    'It takes hours; the suite makes single runs.',
    by('test/live/bench-failover.test.ts', `new Child('bench/failover/main.ts'`)
  ),
  'npm run bench:throughput': beyond(
    'It takes twenty minutes; the suite measures one load for a moment.',
    by('test/live/bench-throughput.test.ts', `new Child('bench/throughput/main.ts'`)
  ),
  'npx tsx bench/failover-timeline/main.ts': beyond(
    'It draws the figures of the document anew; the suite draws those that are kept.',
    by('test/package/docs-site.test.ts', 'figures(recording')
  ),

  'npm run test:dashboard': beyond(
    'It installs a Chromium; where there is one the suite runs the same tests.',
    by('test/live/dashboard-page.test.ts', `'--dashboard'`)
  ),
  'npm run test:ioredis-suite': beyond(
    'It needs the source of ioredis.',
    by('test/unit/ioredis-suite/compare.test.ts', 'compare(plain, ours, expected)')
  ),
  'npm run test:ioredis-suite -- --suite ../ioredis': beyond(
    'It needs the source of ioredis.',
    by('test/unit/ioredis-suite/compare.test.ts', 'compare(plain, ours, expected)')
  ),
  'npm run test:runtimes': beyond(DOWNLOADS, by('test/unit/runtimes/runtimes.test.ts', 'parseOptions([])')),
  'npm run test:monitoring': beyond(DOWNLOADS, by('test/unit/monitoring/options.test.ts', 'parseOptions([])')),
  'npm run test:libraries -- --repeat 10': beyond(HOURS, LIBRARIES),
  'npm run test:libraries -- --repeat 10 --libraries bullmq': beyond(HOURS, LIBRARIES),
  'npm run test:matrix': beyond(DOWNLOADS, MATRIX),
  'npm run test:matrix -- --nodes 20 --servers redis-8.0,valkey-8.1': beyond(DOWNLOADS, MATRIX),
  'npm run test:matrix -- --servers valkey-8.1 --tests pains/18 zones': beyond(DOWNLOADS, MATRIX),
  'npm run test:matrix -- --serial --json matrix.json': beyond(DOWNLOADS, MATRIX),

  'npm run test:kubernetes': beyond(HOURS, CLUSTER),
  'npm run test:kubernetes -- --only rollout drain': beyond(HOURS, CLUSTER),
  'npm run test:kubernetes -- --only wipe --repeat 20 --json figures.json --logs /tmp/failures': beyond(HOURS, CLUSTER),
  'npm run test:kubernetes -- --repeat 5 --at-once 3': beyond(HOURS, CLUSTER),
  'npm run test:kubernetes -- --render a.json b.json': by(
    'test/unit/kubernetes/report.test.ts',
    'npm run test:kubernetes -- --render'
  ),
  'npm run docs:kubernetes': beyond(MINUTES, DOCUMENTS_OF_A_CLUSTER),
  'npm run docs:kubernetes -- --check': beyond(MINUTES, DOCUMENTS_OF_A_CLUSTER),
  'npm run k8s:render': by('test/manifests/rendered.test.ts', 'render(target)'),
  'npm run k8s:bundle': by('test/kubernetes/support/bundles.ts', 'scripts/k8s-bundle.mjs')
}

/** Blocks of TypeScript that another test runs than the one that runs the rest of them, by document and heading. */
export const PROGRAMS_ELSEWHERE: Readonly<Record<string, InTheSuite>> = {
  'README.md, Use it': by('test/package/readme.test.ts', `codeBlocks(README, 'ts')`),
  'README.md, Test your own application': by('test/package/readme.test.ts', `codeBlocks(README, 'ts')`),
  'docs/architecture.md, Life of a failover': by('test/package/readme.test.ts', `read('docs/architecture.md'), 'ts'`),
  'docs/migration.md, From node-redis': by('test/package/migration.test.ts', `codeBlocks(text, 'ts')`),
  'docs/start-here.md, A program': by('test/live/docs-start-here.test.ts', `readFileSync('docs/start-here.md'`),
  "docs/testing-your-app.md, Test your app's failover": RUNNERS,
  'docs/testing-your-app.md, vitest': RUNNERS,
  'docs/testing-your-app.md, Jest': RUNNERS,
  'docs/testing-your-app.md, node:test': RUNNERS,
  'docs/testkit.md, The testkit: a real Redis + Sentinel topology in your own tests': by(
    'test/live/docs-blocks.test.ts',
    `'docs/testkit.md'`
  )
}
