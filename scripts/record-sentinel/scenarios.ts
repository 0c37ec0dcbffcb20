import type { LocalTopology, TopologyOptions } from '../../src/testkit/index.js'
import type { Recorder } from './recorder.js'

export interface Scenario {
  readonly title: string
  readonly options: TopologyOptions
  readonly run: (topology: LocalTopology, recorder: Recorder) => Promise<void>
}

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  automatic: {
    title: 'the primary is killed, replaced, and comes back as a replica',
    options: {},
    run: async (topology, recorder) => {
      const primary = await topology.primary()
      recorder.did('kill the primary')
      await primary.kill()
      await topology.settled()
      recorder.did('start the old primary')
      await primary.start()
      await recorder.published('+convert-to-slave')
      await topology.settled()
    }
  },
  manual: {
    title: 'SENTINEL FAILOVER',
    options: {},
    run: async (topology, recorder) => {
      recorder.did('SENTINEL FAILOVER')
      await topology.sentinelFailover()
      await recorder.published('+failover-end')
      await topology.settled()
    }
  },
  'abort-no-good-replica': {
    title: 'the primary is frozen while no replica may be promoted, and thaws',
    options: { config: { 'replica-priority': '0' } },
    run: async (topology, recorder) => {
      const primary = await topology.primary()
      recorder.did('freeze the primary')
      await primary.freeze()
      await recorder.published('-failover-abort-no-good-slave')
      recorder.did('thaw the primary')
      await primary.thaw()
      await recorder.published('-odown')
      await topology.settled()
    }
  },
  'abort-not-elected': {
    title: 'one of three sentinels is left, and nobody elects it',
    options: { quorum: 1, failoverTimeoutMs: 2_000 },
    run: async (topology, recorder) => {
      const primary = await topology.primary()
      recorder.did('kill two sentinels')
      await Promise.all(topology.sentinels.slice(1).map((sentinel) => sentinel.kill()))
      recorder.did('freeze the primary')
      await primary.freeze()
      await recorder.published('-failover-abort-not-elected')
      recorder.did('thaw the primary')
      await primary.thaw()
      await recorder.published('-odown')
    }
  },
  'abort-replica-timeout': {
    title: 'the replica that was chosen does not answer in time, and says later that it is the primary',
    options: { replicas: 1, downAfterMs: 5_000, failoverTimeoutMs: 1_500 },
    run: async (topology, recorder) => {
      const [replica] = await topology.replicas()
      recorder.did('freeze the replica')
      await replica?.freeze()
      recorder.did('SENTINEL FAILOVER')
      await topology.sentinelFailover()
      await recorder.published('-failover-abort-slave-timeout')
      recorder.did('thaw the replica')
      await replica?.thaw()
      await topology.settled()
    }
  },
  members: {
    title: 'a replica and a sentinel are added, a replica is removed, and another group comes and goes',
    options: { replicas: 1 },
    run: async (topology, recorder) => {
      recorder.did('add a replica')
      recorder.watchNode(await topology.addReplica())
      recorder.did('add a sentinel')
      await recorder.watchSentinel(await topology.addSentinel())
      const [first] = topology.sentinels
      const node = await topology.primary()
      recorder.did('another group')
      await first?.command('SENTINEL', 'MONITOR', 'othergroup', node.address.host, node.address.port, 1)
      await first?.command('SENTINEL', 'SET', 'othergroup', 'down-after-milliseconds', 1_000)
      await recorder.published('+set')
      await first?.command('SENTINEL', 'REMOVE', 'othergroup')
      await recorder.published('-monitor')
      recorder.did('remove a replica')
      const [replica] = await topology.replicas()
      if (replica !== undefined) await topology.removeReplica(replica)
    }
  },
  tilt: {
    title: 'a sentinel is frozen, and does not trust its clock for 30 s',
    // More than the 2 s after which it notices.
    options: { downAfterMs: 3_000 },
    run: async (topology, recorder) => {
      const [sentinel] = topology.sentinels
      recorder.did('freeze a sentinel')
      await sentinel?.freeze()
      await recorder.published('+sdown')
      recorder.did('thaw the sentinel')
      await sentinel?.thaw()
      await recorder.published('-tilt')
    }
  }
}
