import { Launcher } from './launcher.js'
import { LocalTopology } from './local-topology.js'
import { resolveTopologyOptions, type TopologyOptions } from './options.js'

/**
 * Starts a primary, replicas and sentinels as real processes, each on an address of its own in 127.0.0.0/8 with a free port.
 * Resolves when every sentinel sees every node with its link up and every other sentinel. When this process ends without
 * `stop()`, even by SIGKILL, a guardian process ends the servers and removes what was made.
 *
 * @throws ConfigurationError on a wrong option.
 * @throws MissingBinaryError when no server is installed; the message names the package.
 * @throws ProcessStartError when a server ends while starting, with the end of its log.
 */
export async function startTopology(options: TopologyOptions = {}): Promise<LocalTopology> {
  return LocalTopology.start(await Launcher.create(resolveTopologyOptions(options)))
}
