/** Started and killed by testkit-guardian.test.ts: a topology with every kind of fault on it, and no stop(). */
import { dirname } from 'node:path'
import { partitionSupport, startTopology } from '../../src/testkit/index.js'

const topology = await startTopology({ replicas: 2, sentinels: 1 })
const [primary, frozen, slow] = topology.nodes
if (primary === undefined || frozen === undefined || slow === undefined) throw new Error('three nodes were asked for')
if ((await partitionSupport()).available) await primary.partition('everything')
await frozen.freeze()
await slow.slow(20)
process.stdout.write(
  `${JSON.stringify({
    pids: [...topology.nodes, ...topology.sentinels].map((member) => member.pid),
    folder: dirname(primary.directory),
    partitioned: primary.partitioned ? primary.address.host : undefined
  })}\n`
)
