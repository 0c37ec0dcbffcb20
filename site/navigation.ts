import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A page of docs/ by its path there without `.md`, and what the sidebar calls it. */
export interface NavigationPage {
  readonly text: string
  readonly page: string
}

export interface NavigationGroup {
  readonly text: string
  readonly pages: readonly NavigationPage[]
}

/**
 * The sidebar, from the top. Every page of docs/ stands here once, a test sees to that: a new page gets a line in the group
 * that it belongs to. Decisions (docs/adr) are found by themselves.
 */
export const GROUPS: readonly NavigationGroup[] = [
  {
    text: 'Begin',
    pages: [
      { text: 'Start here', page: 'start-here' },
      { text: 'How failover works', page: 'how-failover-works' },
      { text: 'Guarantees and limits', page: 'guarantees' },
      { text: 'Moving here', page: 'migration' }
    ]
  },
  {
    text: 'The client',
    pages: [
      { text: 'Options', page: 'options' },
      { text: 'Read policies', page: 'read-policies' },
      { text: 'Errors', page: 'errors' },
      { text: 'Events and stats', page: 'events' },
      { text: 'TLS, users, passwords', page: 'security' }
    ]
  },
  {
    text: 'Recipes',
    pages: [
      { text: 'All recipes', page: 'recipes/index' },
      { text: 'Jobs: BullMQ', page: 'recipes/bullmq' },
      { text: 'Messages: Socket.IO', page: 'recipes/socket.io' },
      { text: 'Sessions', page: 'recipes/sessions' },
      { text: 'Rate limits', page: 'recipes/rate-limits' },
      { text: 'Locks', page: 'recipes/locks' },
      { text: 'TLS', page: 'recipes/tls' },
      { text: 'NAT and port-forwards', page: 'recipes/nat' },
      { text: 'All libraries', page: 'libraries' }
    ]
  },
  {
    text: 'Test',
    pages: [
      { text: 'Test your app’s failover', page: 'testing-your-app' },
      { text: 'The testkit', page: 'testkit' }
    ]
  },
  {
    text: 'Operate',
    pages: [
      { text: 'Command line', page: 'command-line' },
      { text: 'See it: the dashboard', page: 'dashboard' },
      { text: 'Examine it: doctor', page: 'doctor' },
      { text: 'Drill it', page: 'drill' },
      { text: 'Metrics, traces, channels', page: 'metrics' },
      { text: 'Logging', page: 'logging' },
      { text: 'Kubernetes', page: 'kubernetes' },
      { text: 'Playing around', page: 'playing-around' },
      { text: 'Runbook', page: 'runbook' }
    ]
  },
  {
    text: 'Measured',
    pages: [
      { text: 'Failover, side by side', page: 'failover' },
      { text: 'Performance', page: 'performance' },
      { text: 'Reliability', page: 'reliability' },
      { text: 'Compatibility', page: 'compatibility' },
      { text: 'ioredis’s own suite', page: 'compatibility-ioredis' }
    ]
  },
  {
    text: 'Inside',
    pages: [
      { text: 'Architecture', page: 'architecture' },
      { text: 'The cluster of processes', page: 'kubernetes-harness' }
    ]
  }
]

/** Pages that the sidebar need not have: the home page is where the title leads. */
export const ELSEWHERE: readonly string[] = ['index']

/** The decisions, each by its first line. */
export function decisions(docs: string): NavigationPage[] {
  return readdirSync(join(docs, 'adr'))
    .filter((file) => file.endsWith('.md'))
    .sort()
    .map((file) => {
      const [first = ''] = readFileSync(join(docs, 'adr', file), 'utf8').split('\n')
      return { text: first.replace(/^# /, ''), page: `adr/${file.replace(/\.md$/, '')}` }
    })
}
