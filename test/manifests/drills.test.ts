import { expect, it } from 'vitest'
import { readRendered, workloads } from './support/objects.js'
import { drillsFit } from './support/rules-drills.js'

const PAIRS = [
  { drills: 'drills', overlay: 'statefulset' },
  { drills: 'drills', overlay: 'valkey' },
  { drills: 'drills-production', overlay: 'production' }
]

it.each(PAIRS)('k8s/$drills can run where $overlay is', ({ drills, overlay }) => {
  expect(drillsFit(readRendered(drills), readRendered(overlay))).toEqual([])
})

it('production has the same drills', () => {
  const names = (file: string): string[] => workloads(readRendered(file)).map(({ owner }) => owner.metadata.name)
  expect(names('drills-production')).toEqual(names('drills'))
})

it('what the learning overlays have does not run in production, and this is found', () => {
  const found = drillsFit(readRendered('drills'), readRendered('production'))
  for (const sentence of [
    'drill-check: the Secret has no user-default',
    'drill-check: CLI_USER is undefined, and probe in the pods',
    "drill-check: TLS is undefined, and '--tls --cacert /tls/ca.crt' in the pods",
    'drill-handover: the Secret has no user-default',
    'drill-handover: it asks without TLS, the pods are with',
    'drill-handover: it is not told whose certificates to trust'
  ])
    expect(found).toContain(`CronJob ${sentence}`)
})

it.each([
  [
    'a user with the password of another',
    (text: string) => text.replace('/auth/user-admin', '/auth/user-app'),
    /another/
  ],
  [
    'a certificate that is not mounted',
    (text: string) => text.replaceAll('"mountPath":"/tls"', '"mountPath":"/ca"'),
    /is not what/
  ]
])('%s is found', (_, change, sentence) => {
  const text = JSON.stringify(readRendered('drills-production'))
  expect(change(text)).not.toBe(text)
  const drills = JSON.parse(change(text)) as ReturnType<typeof readRendered>
  expect(drillsFit(drills, readRendered('production'))).toContainEqual(expect.stringMatching(sentence))
})
