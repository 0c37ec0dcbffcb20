import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { bundled, ENTRIES } from './test/live/support/library-bundle.js'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))
const sources = {
  'ioredis-sentinel/testkit': path('./src/testkit/index.ts'),
  'ioredis-sentinel/prometheus': path('./src/prometheus/index.ts'),
  'ioredis-sentinel/opentelemetry': path('./src/opentelemetry/index.ts'),
  'ioredis-sentinel': path('./src/index.ts')
}

const bundle = Object.fromEntries(Object.entries(ENTRIES).map(([name, entry]) => [name, bundled(entry)]))

const project = (name: string, extra: object = {}, alias: Record<string, string> = sources) => ({
  resolve: { alias },
  test: { name, include: [`test/${name}/**/*.test.ts`], environment: 'node' as const, ...extra }
})

const kubernetes = (name: string, folder: string, extra: object) =>
  project(name, {
    include: [`test/kubernetes/${folder}/**/*.test.ts`],
    testTimeout: 1_200_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
    pool: 'forks',
    ...extra
  })

/** `npm run test:kubernetes -- --at-once` says it: what a project sets is stronger than vitest's own flag. */
const HAZARDS_AT_ONCE = Number(process.env['HAZARDS_AT_ONCE'] ?? 1)

/** What begins last is what all wait for, and vitest, when it does not know better, begins with the largest files: these are long. */
const LONG = [
  'testkit-failover-faults',
  'dashboard',
  'soak',
  'cli-drill',
  'failover',
  'secrets',
  '35-silence',
  'least-rights',
  'access-errors',
  'doctor',
  'coordinated-failover',
  'demo',
  '19-one',
  'liveness',
  'replicas-cut-off',
  '27-connect',
  'own-transactions-failover',
  'libraries/examples',
  'resumes',
  '34-leaks',
  'cli-status',
  'docs-blocks',
  '03-blocking',
  'cut-at-every-byte',
  '01-dead',
  '33-messages',
  'hazards/cold-start',
  'hazards/node-lost',
  'hazards/deciding-alone',
  'hazards/password-rotation'
]

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const at = LONG.findIndex((name) => moduleId.includes(`/${name}`))
      return at === -1 ? LONG.length : at
    }
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b))
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      // These leave nothing behind in their process, so that one can run the next file too: in a new one each, most of the time is spent on imports.
      project('unit', { maxWorkers: 2, testTimeout: 30_000, isolate: false }),
      project('spec', { isolate: false }),
      // Kubernetes objects as data, and the scripts in them as text.
      project('manifests', { maxWorkers: 2, testTimeout: 60_000, isolate: false }),
      project(
        'live',
        {
          testTimeout: 60_000,
          hookTimeout: 60_000,
          teardownTimeout: 20_000,
          pool: 'forks',
          execArgv: ['--enable-source-maps'],
          globalSetup: ['test/live/support/command-line.ts', 'test/live/support/library-bundle.ts'],
          maxWorkers: 6,
          sequence: { groupOrder: 1 }
        },
        bundle
      ),
      // Each runs a cluster of processes, most of the time waiting for it. The hazards take an hour: npm run test:kubernetes.
      kubernetes('kubernetes', 'quick', { sequence: { groupOrder: 4 }, maxWorkers: 2 }),
      kubernetes('kubernetes-hazards', 'hazards', { sequence: { groupOrder: 5 }, maxWorkers: HAZARDS_AT_ONCE }),
      // The true redis_exporter and Prometheus, fetched by npm run test:monitoring, which runs it.
      project('monitoring', {
        testTimeout: 600_000,
        hookTimeout: 300_000,
        teardownTimeout: 20_000,
        pool: 'forks',
        maxWorkers: 1
      }),
      // Its own worker threads take all cores.
      project('simulation', { testTimeout: 900_000, sequence: { groupOrder: 3 } }),
      project('package', { maxWorkers: 2, testTimeout: 180_000, hookTimeout: 180_000, sequence: { groupOrder: 2 } })
    ]
  }
})
