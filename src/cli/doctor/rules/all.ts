import type { Rule } from '../rule.js'
import * as access from './access.js'
import * as capacity from './capacity.js'
import * as certificates from './certificates.js'
import * as commands from './commands.js'
import * as durability from './durability.js'
import * as minReplicas from './min-replicas.js'
import * as names from './names.js'
import * as passwords from './passwords.js'
import * as quorum from './quorum.js'
import * as reach from './reach.js'
import * as replication from './replication.js'
import * as roles from './roles.js'
import * as sameness from './sameness.js'
import * as timing from './timing.js'
import * as views from './views.js'

/** In the order in which they are told among those of the same severity. */
export const RULES: readonly Rule[] = [
  roles.noPrimary,
  roles.primaryIsReplica,
  roles.severalPrimaries,
  roles.followsAnother,
  roles.noReplica,
  roles.noCandidate,
  reach.nodeUnreachable,
  reach.nodeDown,
  reach.sentinelUnreachable,
  reach.sentinelDown,
  reach.nodeUnusable,
  reach.sentinelUnusable,
  views.groupUnknown,
  views.primaryDisagreement,
  views.epochDisagreement,
  views.viewsDiffer,
  views.settingsDiffer,
  views.tilt,
  views.primarySuspected,
  views.failoverUnderWay,
  quorum.quorumImpossible,
  quorum.quorumNotMajority,
  quorum.sentinelsFew,
  quorum.sentinelsEven,
  replication.replicaLinkDown,
  replication.replicaLag,
  replication.replicaWritable,
  minReplicas.minReplicasOff,
  minReplicas.minReplicasUnsatisfied,
  minReplicas.minReplicasTooMany,
  minReplicas.replicasFew,
  replication.backlogSmall,
  replication.replicaBufferSmall,
  names.loopbackAnnounced,
  names.namesMixed,
  names.hostnamesDiffer,
  passwords.primaryPasswordMissing,
  passwords.primaryPasswordWrong,
  access.sentinelRights,
  access.replicationRights,
  access.clientRights,
  access.usersDiffer,
  access.openToAll,
  access.protectedMode,
  commands.commandRenamed,
  access.notExamined,
  certificates.certificateEnds,
  timing.downAfterShort,
  timing.downAfterLong,
  timing.deadlineShort,
  timing.failoverTimeoutShort,
  timing.failoverTimeoutLong,
  timing.clockSkew,
  durability.persistenceOff,
  durability.snapshotsOnly,
  durability.persistenceFailing,
  durability.configFileMissing,
  capacity.clientsNearlyFull,
  capacity.memoryNearlyFull,
  sameness.versionsDiffer,
  sameness.memoryDiffers
]
