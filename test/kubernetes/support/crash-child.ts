// Starts a cluster with one pod, says what belongs to it, and waits to be killed.
import { waitUntil } from '../../../src/testkit/wait-until.js'
import { Cluster } from '../harness/cluster.js'
import { childrenOf } from '../harness/runtime/process-tree.js'

const cluster = await Cluster.start()
const pod = cluster.createPod({
  name: 'one',
  labels: {},
  annotations: {},
  spec: { containers: [{ name: 'redis', image: 'redis', command: ['redis-server', '--bind', '*', '--save', ''] }] }
})
await waitUntil('redis to answer', 20_000, async () => {
  const result = await pod?.container().exec(['redis-cli', 'PING'], 2_000)
  return result?.output.trim() === 'PONG' ? { done: undefined } : { notYet: result?.output ?? 'no pod' }
})
const tree = (pid: number): readonly number[] => [pid, ...childrenOf(pid).flatMap(tree)]
const pids = childrenOf(process.pid).flatMap(tree)
console.log(JSON.stringify({ directory: cluster.directory, pids }))
