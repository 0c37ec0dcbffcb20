import { expect, it } from 'vitest'
import { readRendered, workloads } from './support/objects.js'
import { clientsFit } from './support/rules-clients.js'

const PAIRS = [
  { clients: 'drills', overlay: 'statefulset' },
  { clients: 'drills', overlay: 'valkey' },
  { clients: 'drills-production', overlay: 'production' },
  { clients: 'examples', overlay: 'statefulset' },
  { clients: 'examples', overlay: 'deployment' },
  { clients: 'examples-image', overlay: 'statefulset' },
  { clients: 'examples-production', overlay: 'production' }
]

it.each(PAIRS)('k8s/$clients can run where $overlay is', ({ clients, overlay }) => {
  expect(clientsFit(readRendered(clients), readRendered(overlay))).toEqual([])
})

it.each(['drills', 'examples'])('production has the same %s', (clients) => {
  const names = (file: string): string[] => workloads(readRendered(file)).map(({ owner }) => owner.metadata.name)
  expect(names(`${clients}-production`)).toEqual(names(clients))
})

it('what the learning overlays have does not run in production, and this is found', () => {
  const found = ['drills', 'examples'].flatMap((clients) =>
    clientsFit(readRendered(clients), readRendered('production'))
  )
  for (const sentence of [
    'CronJob drill-check: the Secret has no user-default',
    'CronJob drill-check: CLI_USER is undefined, and probe in the pods',
    "CronJob drill-check: TLS is undefined, and '--tls --cacert /tls/ca.crt' in the pods",
    'CronJob drill-handover: the Secret has no user-default',
    'CronJob drill-handover: it asks without TLS, the pods are with',
    'CronJob drill-handover: it is not told whose certificates to trust',
    'Deployment example-writer: the Secret has no user-default',
    'Deployment example-reader: it asks without TLS, the pods are with'
  ])
    expect(found).toContain(sentence)
})

it.each([
  {
    what: 'a user with the password of another',
    clients: 'drills-production',
    change: (text: string) => text.replace('/auth/user-admin', '/auth/user-app'),
    sentence: /another/
  },
  {
    what: 'a certificate that is not mounted',
    clients: 'drills-production',
    change: (text: string) => text.replaceAll('"mountPath":"/tls"', '"mountPath":"/ca"'),
    sentence: /is not what/
  },
  {
    what: 'a password that is not mounted',
    clients: 'examples-production',
    change: (text: string) => text.replaceAll('"key":"user-app"', '"key":"user-admin"'),
    sentence: /\/auth has no user-app/
  }
])('$what is found', ({ clients, change, sentence }) => {
  const text = JSON.stringify(readRendered(clients))
  expect(change(text)).not.toBe(text)
  const changed = JSON.parse(change(text)) as ReturnType<typeof readRendered>
  expect(clientsFit(changed, readRendered('production'))).toContainEqual(expect.stringMatching(sentence))
})
