/** One bug, put into the source on its way into the simulator. The file itself stays as it is. */
export interface Mutation {
  readonly name: string
  /** What goes wrong then, in words. */
  readonly bug: string
  /** Below src/. */
  readonly file: string
  /** Found exactly once in the file; otherwise the mutation is out of date, and says so. */
  readonly replace: string
  readonly by: string
  /** Which clients show it: `thin` runs the decisions only, `real` all of SentinelRedis. */
  readonly client: 'thin' | 'real'
  /** Found within so many seeds, from 1. */
  readonly withinSeeds: number
}

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'epoch-rule',
    bug: 'what more sentinels say counts before the higher epoch',
    file: 'topology/select.ts',
    replace: 'b.epoch - a.epoch || b.by.length - a.by.length',
    by: 'b.by.length - a.by.length || b.epoch - a.epoch',
    client: 'thin',
    withinSeeds: 100
  },
  {
    name: 'fence',
    bug: 'a claim of a lower epoch than the one held is followed',
    file: 'topology/decide.ts',
    replace: 'if (top.epoch < held) {',
    by: 'if (top.epoch < held && Number.isNaN(at)) {',
    client: 'thin',
    withinSeeds: 200
  },
  {
    name: 'late-leader',
    bug: 'a leader is believed whose epoch has been passed by a later failover',
    file: 'topology/phase.ts',
    replace: 'failover.epoch <= configEpoch',
    by: 'failover.epoch < 0',
    client: 'thin',
    withinSeeds: 4_000
  },
  {
    name: 'suspicion-for-ever',
    bug: 'what the connection to the primary suffered is held against it when it says that it is the primary',
    file: 'topology/reduce.ts',
    replace: 'return suspicion === undefined ? state : rest',
    by: 'return state',
    client: 'thin',
    withinSeeds: 500
  },
  {
    name: 'role-alone',
    bug: 'a chosen node is followed by its role, although nobody has promoted it yet',
    file: 'topology/reduce.ts',
    replace: 'led?.ordered === true &&',
    by: 'led !== undefined &&',
    client: 'thin',
    withinSeeds: 1_500
  },
  {
    name: 'no-hold-while-verifying',
    bug: 'writes go on to the node that a higher epoch has replaced, while the new one is verified',
    file: 'runtime/topology-hold.ts',
    replace: "this.#verifying = phase.kind === 'verifying'",
    by: 'this.#verifying = false',
    client: 'thin',
    withinSeeds: 100
  },
  {
    name: 'send-again',
    bug: 'writes that may not be repeated are sent again after a lost connection',
    file: 'routing/retry.ts',
    replace: "return isBoundToConnection(name) || blockingMs(name, args) === undefined ? 'unknown' : 'again'",
    by: "return 'again'",
    client: 'thin',
    withinSeeds: 100
  },
  {
    name: 'queue-order',
    bug: 'what is sent again goes behind what was issued later',
    file: 'runtime/held-queue.ts',
    replace: '[...items, ...this].sort((a, b) => sequenceOf(a.command) - sequenceOf(b.command))',
    by: '[...this, ...items]',
    client: 'thin',
    withinSeeds: 100
  },
  {
    name: 'hold-for-ever',
    bug: 'writes that were held for a failover stay held when it is called off',
    file: 'runtime/topology-hold.ts',
    replace: 'this.#hold(this.#verifying || waits)',
    by: 'if (this.#verifying || waits) this.#hold(true)',
    client: 'thin',
    withinSeeds: 50
  },
  {
    name: 'settle',
    bug: 'calls in flight on a lost connection are forgotten',
    file: 'runtime/primary-line.ts',
    replace: '...takeInFlight(this.#redis)]',
    by: '...takeInFlight(this.#redis).slice(0, 0)]',
    client: 'real',
    withinSeeds: 40
  },
  {
    name: 'no-cut',
    bug: 'the connection to the old primary is kept when the topology moves',
    file: 'runtime/client-core.ts',
    replace: "this.#cut('the primary is another node')",
    by: 'void 0',
    client: 'real',
    withinSeeds: 60
  },
  {
    name: 'no-deadline',
    bug: 'calls that wait are never ended',
    file: 'runtime/deadline-sweep.ts',
    replace: 'now - issuedAt(call) > deadlineOf(call)',
    by: 'now - issuedAt(call) > 10 * deadlineOf(call)',
    client: 'real',
    withinSeeds: 40
  }
]

export function mutationCalled(name: string): Mutation {
  const found = MUTATIONS.find((one) => one.name === name)
  if (found === undefined)
    throw new Error(`there is no mutation "${name}"; there are ${MUTATIONS.map((one) => one.name).join(', ')}`)
  return found
}
