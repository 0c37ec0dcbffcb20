import { expect, it } from 'vitest'
import { Cluster } from '../harness/cluster.js'
import { waitUntil } from '../../../src/testkit/wait-until.js'
import { needsCluster } from '../harness/needs-linux-root.js'
import { parseManifests } from '../harness/manifests/read-manifests.js'

const POLICIES = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: deny }
spec: { podSelector: {}, policyTypes: [Ingress, Egress] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: server }
spec:
  podSelector: { matchLabels: { app: server } }
  policyTypes: [Ingress]
  ingress: [{ from: [{ podSelector: { matchLabels: { may: enter } } }], ports: [{ port: redis }] }]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: clients }
spec:
  podSelector: { matchLabels: { role: client } }
  policyTypes: [Egress]
  egress: [{ to: [{ podSelector: { matchLabels: { app: server } } }], ports: [{ port: 6379 }] }]
`

it('network policies let through what they name and nothing else', async (context) => {
  needsCluster(context)
  const cluster = await Cluster.start()
  try {
    cluster.apply(parseManifests(POLICIES))
    const start = (name: string, labels: Record<string, string>): void => {
      const command = ['redis-server', '--bind', '*', '--save', '', '--protected-mode', 'no']
      const ports = [{ name: 'redis', containerPort: 6379 }]
      const spec = { terminationGracePeriodSeconds: 0, containers: [{ name: 'redis', image: 'redis', command, ports }] }
      cluster.createPod({ name, labels, annotations: {}, spec })
    }
    start('server', { app: 'server' })
    start('welcome', { role: 'client', may: 'enter' })
    start('stranger', { role: 'client' })
    start('mute', { may: 'enter' })
    const ask = async (from: string, address: string): Promise<string> => {
      const command = ['timeout', '1', 'redis-cli', '-h', address, 'PING']
      return (await cluster.pod(from).container().exec(command, 30_000)).output.trim()
    }
    await waitUntil('the policies to hold', 60_000, async () => {
      const server = cluster.pod('server').address ?? ''
      for (const from of ['server', 'welcome', 'stranger', 'mute'])
        if ((await ask(from, '127.0.0.1')) !== 'PONG') return { notYet: `${from} does not run` }
      const answers = await Promise.all(['welcome', 'stranger', 'mute'].map((from) => ask(from, server)))
      return answers.join() === 'PONG,,' ? { done: undefined } : { notYet: answers.join() }
    })
    // Back the other way, and between clients, nothing was allowed. The kubelet is not asked.
    expect(await ask('server', cluster.pod('welcome').address ?? '')).toBe('')
    expect(await ask('stranger', cluster.pod('welcome').address ?? '')).toBe('')
    await cluster.process.call('connect', cluster.pod('server').address ?? '', 6379, 10_000)
  } finally {
    await cluster.stop()
  }
})
