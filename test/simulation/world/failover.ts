import type { Instance, SimSentinel } from './sentinel.js'
import { voteFor } from './sentinel-peers.js'

/** sentinelStartFailover(). */
export function startFailover(self: SimSentinel): void {
  self.enter('wait-start')
  self.currentEpoch += 1
  self.failoverEpoch = self.currentEpoch
  self.publish('+new-epoch', String(self.currentEpoch))
  self.publishAbout('+try-failover', self.primary)
  self.failoverStartAt = self.world.clock.now + self.world.random.between(0, self.world.settings.desyncMs)
}

/** One step of the state machine a tick: sentinelFailoverStateMachine(). */
export function failoverStep(self: SimSentinel): void {
  switch (self.state) {
    case 'none':
      return
    case 'wait-start':
      waitForVotes(self)
      return
    case 'select':
      select(self)
      return
    case 'send':
      send(self)
      return
    case 'wait-promotion':
      if (inState(self) > self.world.settings.failoverTimeoutMs) self.abort('-failover-abort-slave-timeout')
      return
    case 'reconf':
      reconfigure(self)
      return
    case 'update': {
      const promoted = self.promotedNode
      if (promoted === undefined) self.endFailover()
      else self.changePrimary(promoted)
      return
    }
  }
}

function inState(self: SimSentinel): number {
  return self.world.clock.now - self.stateSince
}

function waitForVotes(self: SimSentinel): void {
  if (!self.forced && electedLeader(self) !== self.id) {
    const { electionMs } = self.world.settings
    if (self.world.clock.now - self.failoverStartAt > electionMs) self.abort('-failover-abort-not-elected')
    return
  }
  self.publishAbout('+elected-leader', self.primary)
  self.enter('select')
  self.publishAbout('+failover-state-select-slave', self.primary)
}

/** sentinelGetLeader(). */
function electedLeader(self: SimSentinel): string | undefined {
  const votes = new Map<string, number>()
  const count = (id: string): void => {
    votes.set(id, (votes.get(id) ?? 0) + 1)
  }
  for (const { vote } of self.peers) if (vote?.epoch === self.currentEpoch) count(vote.id)
  const winner = (): string | undefined => [...votes].sort((a, b) => b[1] - a[1])[0]?.[0]
  voteFor(self, self.failoverEpoch, winner() ?? self.id)
  if (self.leader?.epoch === self.failoverEpoch) count(self.leader.id)
  const first = winner()
  const voters = self.peers.length + 1
  const needed = Math.max(Math.floor(voters / 2) + 1, self.world.settings.quorum)
  return first !== undefined && (votes.get(first) ?? 0) >= needed ? first : undefined
}

/** sentinelSelectSlave(). */
function select(self: SimSentinel): void {
  const { pingMs, hurriedInfoMs, infoMs, downAfterMs } = self.world.settings
  const { now } = self.world.clock
  const infoAge = self.primary.downSince === undefined ? 3 * infoMs : 5 * hurriedInfoMs
  const linkMostMs = 10 * downAfterMs + (self.primary.downSince === undefined ? 0 : now - self.primary.downSince)
  const [best] = self.replicas
    .filter(
      (one) =>
        one.downSince === undefined &&
        now - one.lastPong <= 5 * pingMs &&
        now - one.lastInfo <= infoAge &&
        (one.info?.linkDownMs ?? 0) <= linkMostMs
    )
    .sort((a, b) => (b.info?.offset ?? 0) - (a.info?.offset ?? 0) || (a.node.name < b.node.name ? -1 : 1))
  if (best === undefined) {
    self.abort('-failover-abort-no-good-slave')
    return
  }
  best.promoted = true
  self.publishAbout('+selected-slave', best)
  self.enter('send')
  self.publishAbout('+failover-state-send-slaveof-noone', best)
}

function send(self: SimSentinel): void {
  const promoted = promotedInstance(self)
  if (promoted === undefined) {
    self.endFailover()
    return
  }
  const { network, clock, settings } = self.world
  if (clock.now - promoted.lastPong > 3 * settings.pingMs) {
    if (inState(self) > settings.failoverTimeoutMs) self.abort('-failover-abort-slave-timeout')
    return
  }
  const reign = { generation: self.generation, epoch: self.failoverEpoch }
  promoted.node.ordered = reign
  network.datagram(self.host, promoted.node, () => {
    promoted.node.promote(reign)
    self.world.promoted(promoted.node, self)
  })
  self.publishAbout('+failover-state-wait-promotion', promoted)
  self.enter('wait-promotion')
}

/** The replica that was chosen says that it is the primary. */
export function promotionSeen(self: SimSentinel, promoted: Instance): void {
  self.configEpoch = self.failoverEpoch
  self.publishAbout('+promoted-slave', promoted)
  self.enter('reconf')
  self.publishAbout('+failover-state-reconf-slaves', self.primary)
  self.helloSoon()
}

/** sentinelFailoverReconfNextSlave() and sentinelFailoverDetectEnd(), one replica at a time. */
function reconfigure(self: SimSentinel): void {
  const promoted = promotedInstance(self)
  if (promoted === undefined) return
  const { network, settings } = self.world
  const timedOut = inState(self) > settings.failoverTimeoutMs
  const left = self.replicas.filter((one) => one !== promoted && one.reconf !== 'done' && one.downSince === undefined)
  if (left.length === 0 || timedOut) {
    self.publishAbout(timedOut ? '+failover-end-for-timeout' : '+failover-end', self.primary)
    self.enter('update')
    return
  }
  const now = self.world.clock.now
  const under = left.find((one) => one.reconf === 'sent' || one.reconf === 'inprog')
  if (under !== undefined) {
    if (under.reconf === 'sent' && now - under.reconfSentAt > settings.failoverTimeoutMs / 4) under.reconf = 'none'
    return
  }
  const next = left.find((one) => one.reconf === 'none')
  if (next === undefined) return
  next.reconf = 'sent'
  next.reconfSentAt = now
  network.datagram(self.host, next.node, () => {
    next.node.follow(promoted.node)
  })
  self.publishAbout('+slave-reconf-sent', next)
}

function promotedInstance(self: SimSentinel): Instance | undefined {
  return self.replicas.find((one) => one.promoted)
}
