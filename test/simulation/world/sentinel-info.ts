import { promotionSeen } from './failover.js'
import type { NodeInfo } from './node.js'
import type { Instance, SimSentinel } from './sentinel.js'

/** What a node answered to INFO: sentinelRefreshInstanceInfo(). */
export function refreshFromInfo(self: SimSentinel, instance: Instance, info: NodeInfo): void {
  const isPrimary = instance === self.primary
  if (!isPrimary && !self.replicas.includes(instance)) return
  const { now } = self.world.clock
  const before = instance.info
  instance.lastInfo = now
  instance.info = info
  if (before?.role !== info.role) {
    instance.roleSince = now
    if (before !== undefined) {
      const expected = (info.role === 'primary') === isPrimary
      self.publishAbout(
        expected ? '+role-change' : '-role-change',
        instance,
        ` new reported role is ${word(info.role)}`
      )
    }
  }
  if (before?.primary !== info.primary) instance.primarySince = now
  if (isPrimary && info.role === 'primary') {
    for (const node of info.replicas) {
      if (self.replicas.some((one) => one.node === node)) continue
      const replica = self.instance(node)
      self.replicas.push(replica)
      self.publishAbout('+slave', replica)
    }
  }
  if (self.tilt || isPrimary) return
  if (info.role === 'primary') saysPrimary(self, instance)
  else followsWhom(self, instance, info)
}

function word(role: NodeInfo['role']): string {
  return role === 'primary' ? 'master' : 'slave'
}

function saysPrimary(self: SimSentinel, instance: Instance): void {
  if (instance.promoted && self.state === 'wait-promotion') {
    promotionSeen(self, instance)
    return
  }
  if (instance.promoted) return
  const { settings, clock } = self.world
  const convertAfter = 4 * settings.helloMs
  if (self.inFailover || !primaryLooksSane(self) || clock.now - instance.roleSince <= convertAfter) return
  if (instance.downSince !== undefined) return
  sendFollow(self, instance)
  self.publishAbout('+convert-to-slave', instance)
}

function followsWhom(self: SimSentinel, instance: Instance, info: NodeInfo): void {
  const promoted = self.promotedNode
  if (self.inFailover && promoted !== undefined && info.primary === promoted) {
    if (instance.reconf === 'sent') {
      instance.reconf = 'inprog'
      self.publishAbout('+slave-reconf-inprog', instance)
    }
    if (instance.reconf === 'inprog' && info.linkUp) {
      instance.reconf = 'done'
      self.publishAbout('+slave-reconf-done', instance)
    }
    return
  }
  const { clock, settings } = self.world
  if (info.primary === self.primary.node || self.inFailover) return
  if (!primaryLooksSane(self) || clock.now - instance.primarySince <= settings.failoverTimeoutMs / 2) return
  sendFollow(self, instance)
  self.publishAbout('+fix-slave-config', instance)
}

function primaryLooksSane({ primary, world }: SimSentinel): boolean {
  return (
    primary.info?.role === 'primary' &&
    primary.downSince === undefined &&
    world.clock.now - primary.lastInfo < 2 * world.settings.infoMs
  )
}

function sendFollow(self: SimSentinel, { node }: Instance): void {
  const primary = self.primary.node
  self.world.network.datagram(self.host, node, () => {
    node.follow(primary)
  })
}
