import type { KubernetesObject } from './objects.js'
import * as dns from './rules-dns.js'
import * as monitoring from './rules-monitoring.js'
import * as network from './rules-network.js'
import * as pods from './rules-pods.js'
import * as quorum from './rules-quorum.js'
import * as secrets from './rules-secrets.js'
import * as tls from './rules-tls.js'

/** Looks at all objects of a rendered file; returns a sentence for each violation. */
export type Rule = (objects: readonly KubernetesObject[]) => string[]

/** Hold in every rendered file. */
export const RULES: Readonly<Record<string, Rule>> = {
  restricted: pods.restricted,
  'the namespace enforces restricted': pods.namespaceEnforces,
  resources: pods.resources,
  'pinned images': pods.pinnedImages,
  'grace period': pods.gracePeriod,
  'read-only root and its writable places': pods.readOnlyRoot,
  'probes end in time': pods.probesEndInTime,
  'who shares processes has a user of its own': pods.ownUsers,
  'volumes exist': pods.volumesExist,
  'one ConfigMap a set': pods.oneConfigMapEach,
  'sentinel liveness is not a question': pods.sentinelLiveness,
  'scripts exist': pods.scriptsExist,
  'exec leads to the server': pods.serverComesFirst,
  'claims of a size that is given': pods.claimsAreTaken,
  'the labeller leaves a lost node': pods.labellerLeaves,
  quorum: quorum.quorum,
  'decisions outlast the DNS': quorum.decisions,
  'the hook outlasts a failover': quorum.patience,
  'the last replicas part before they are missed': quorum.parting,
  'memory below the limit': quorum.maxmemory,
  'bounded loss': quorum.boundedLoss,
  'no secret in the open': secrets.noSecretInTheOpen,
  'resolver options': dns.resolver,
  'names of Services and pods': dns.names,
  'one cluster domain': tls.oneDomain,
  'Services lead to pods': network.servicesLeadToPods,
  'ports agree': network.portsAgree,
  'budgets and policies hit pods': network.selectorsHit
}

/** Hold in the production overlay. */
export const PRODUCTION_RULES: Readonly<Record<string, Rule>> = {
  'no Namespace is shipped': pods.noNamespaceShipped,
  'everything is denied that is not allowed': network.defaultDeny,
  'what has to talk may talk': network.allowedTalk,
  budgets: network.budgets,
  'spread over nodes': network.spread,
  'the certificate has the names': tls.certificateNames,
  'no Secret is shipped': secrets.noSecretShipped,
  'ServiceMonitors find Services': monitoring.monitorsFindServices,
  'Prometheus finds the clients and is let in': monitoring.metricsAreLetIn
}
