import { type Container, type KubernetesObject, ofKind, type PodSpec, running, workloads } from './objects.js'

/** A fault put into a rendered file, and what the rule must say of it. */
export interface Mutation {
  readonly rule: string
  readonly what: string
  /** Default: production. */
  readonly overlay?: string
  readonly mutate: (objects: KubernetesObject[]) => void
  readonly found: RegExp
}

const fail = (what: string): never => {
  throw new Error(`the mutation finds no ${what}`)
}

const redisPod = (objects: KubernetesObject[]): PodSpec => running(objects, 'redis')[0]?.pod ?? fail('redis')
const sentinelPod = (objects: KubernetesObject[]): PodSpec => running(objects, 'sentinel')[0]?.pod ?? fail('sentinel')
const redis = (objects: KubernetesObject[]): Container =>
  redisPod(objects).containers.find(({ name }) => name === 'redis') ?? fail('container')
const sentinel = (objects: KubernetesObject[]): Container =>
  sentinelPod(objects).containers.find(({ name }) => name === 'sentinel') ?? fail('container')

const exporter = (objects: KubernetesObject[]): Container =>
  redisPod(objects).containers.find(({ name }) => name === 'exporter') ?? fail('exporter')

const labellerPod = (objects: KubernetesObject[]): PodSpec =>
  running(objects, 'label-primary')[0]?.pod ?? fail('label-primary')

const byNode = (objects: KubernetesObject[]): NonNullable<PodSpec['topologySpreadConstraints']>[number] =>
  redisPod(objects).topologySpreadConstraints?.find(({ topologyKey }) => topologyKey.endsWith('hostname')) ??
  fail('constraint')

const named = <T>(objects: KubernetesObject[], kind: string, name: string): T =>
  (ofKind(objects, kind).find(({ metadata }) => metadata.name === name) ?? fail(`${kind} ${name}`)).spec as T

const inConfig = (file: string, from: string | RegExp, to: string) => (objects: KubernetesObject[]) => {
  for (const { data } of ofKind(objects, 'ConfigMap')) {
    const text = data?.[file]
    if (data === undefined || text === undefined) continue
    data[file] = text.replace(from, to)
    if (data[file] === text) fail(`${from} in ${file}`)
  }
}

interface Claim {
  resources: { requests: { storage: string } }
}

interface DnsPeer {
  podSelector?: { matchLabels: Record<string, string> }
}

const inDnsPeers = (change: (to: DnsPeer[]) => DnsPeer[]) => (objects: KubernetesObject[]) => {
  const rule = named<{ egress: { to: DnsPeer[] }[] }>(objects, 'NetworkPolicy', 'allow-dns').egress[0] ?? fail('egress')
  rule.to = change(rule.to)
}

const inDnsNames = (change: (names: string[]) => string[]) => (objects: KubernetesObject[]) => {
  const certificate = named<{ dnsNames: string[] }>(objects, 'Certificate', 'redis')
  certificate.dnsNames = change(certificate.dnsNames)
}

const remove = (objects: KubernetesObject[], kind: string, name: string): void => {
  const at = objects.findIndex((object) => object.kind === kind && object.metadata.name === name)
  if (at === -1) fail(`${kind} ${name}`)
  objects.splice(at, 1)
}

export const MUTATIONS: readonly Mutation[] = [
  {
    rule: 'restricted',
    what: 'a container may gain privileges',
    mutate: (o) => delete redis(o).securityContext?.['allowPrivilegeEscalation'],
    found: /redis: allowPrivilegeEscalation/
  },
  {
    rule: 'restricted',
    what: 'capabilities are kept',
    mutate: (o) => (redis(o).securityContext = { allowPrivilegeEscalation: false }),
    found: /capabilities are not dropped/
  },
  {
    rule: 'restricted',
    what: 'root',
    mutate: (o) => delete sentinelPod(o).securityContext?.['runAsNonRoot'],
    found: /runAsNonRoot/
  },
  {
    rule: 'restricted',
    what: 'no seccomp',
    mutate: (o) => delete redisPod(o).securityContext?.seccompProfile,
    found: /seccomp/
  },
  {
    rule: 'restricted',
    what: 'a folder of the node',
    mutate: (o) => redisPod(o).volumes?.push({ name: 'host', hostPath: {} }),
    found: /hostPath/
  },
  {
    rule: 'who shares processes has a user of its own',
    what: 'the exporter has that of the pod',
    mutate: (o) => delete exporter(o).securityContext?.['runAsUser'],
    found: /redis and exporter share processes, and both run as 999/
  },
  {
    rule: 'who shares processes has a user of its own',
    what: 'nobody says which',
    mutate: (o) => {
      delete exporter(o).securityContext?.['runAsUser']
      delete redisPod(o).securityContext?.['runAsUser']
    },
    found: /both run as the one of its image/
  },
  {
    rule: 'the namespace enforces restricted',
    what: 'it only warns',
    overlay: 'statefulset',
    mutate: (o) => delete ofKind(o, 'Namespace')[0]?.metadata.labels?.['pod-security.kubernetes.io/enforce'],
    found: /enforces/
  },
  {
    rule: 'no Namespace is shipped',
    what: 'with the overlay',
    mutate: (o) => o.push({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'redis' } }),
    found: /Namespace redis is part/
  },
  {
    rule: 'resources',
    what: 'no limit',
    mutate: (o) => delete redis(o).resources?.limits?.['memory'],
    found: /no limit for memory/
  },
  { rule: 'resources', what: 'none at all', mutate: (o) => delete sentinel(o).resources, found: /no request for cpu/ },
  { rule: 'pinned images', what: 'latest', mutate: (o) => (redis(o).image = 'redis:latest'), found: /redis:latest/ },
  { rule: 'pinned images', what: 'no tag', mutate: (o) => (redis(o).image = 'host:5000/redis'), found: /host:5000/ },
  { rule: 'pinned images', what: 'half a version', mutate: (o) => (redis(o).image = 'redis:8'), found: /redis:8 has/ },
  {
    rule: 'pinned images',
    what: 'a patch too few',
    mutate: (o) => (redis(o).image = 'redis:8.2.8-alpine'),
    found: /redis:8.2.8-alpine has a known hole/
  },
  {
    rule: 'pinned images',
    what: 'a minor version that is not mended any more',
    mutate: (o) => (redis(o).image = 'redis:8.0.5'),
    found: /redis:8.0.5 has a known hole/
  },
  {
    rule: 'pinned images',
    what: 'Valkey that executes while it is paused',
    overlay: 'valkey',
    mutate: (o) => (redis(o).image = 'valkey/valkey:8.1.1'),
    found: /valkey:8.1.1 has a known hole/
  },
  {
    rule: 'grace period',
    what: 'the hook takes all of it',
    mutate: inConfig('redis.env', 'HOOK_SECONDS=45', 'HOOK_SECONDS=55'),
    found: /55 s/
  },
  {
    rule: 'grace period',
    what: 'the default of 30 s',
    mutate: (o) => delete redisPod(o).terminationGracePeriodSeconds,
    found: /30 s/
  },
  {
    rule: 'read-only root and its writable places',
    what: 'a root that can be written to',
    mutate: (o) => (redis(o).securityContext = {}),
    found: /can be written/
  },
  {
    rule: 'read-only root and its writable places',
    what: 'no /tmp',
    mutate: (o) =>
      (redis(o).volumeMounts = redis(o).volumeMounts?.filter(({ mountPath }) => mountPath !== '/tmp') ?? []),
    found: /nothing is mounted at \/tmp/
  },
  {
    rule: 'probes end in time',
    what: 'the default of 1 s',
    mutate: (o) => delete redis(o).readinessProbe?.timeoutSeconds,
    found: /readinessProbe has 1 s/
  },
  { rule: 'volumes exist', what: 'a mount of nothing', mutate: (o) => redisPod(o).volumes?.pop(), found: /no volume/ },
  {
    rule: 'volumes exist',
    what: 'a ConfigMap of another name',
    mutate: (o) =>
      ((redisPod(o).volumes?.find(({ name }) => name === 'config') ?? fail('volume')).configMap = { name: 'typo' }),
    found: /no ConfigMap typo/
  },
  {
    rule: 'one ConfigMap a set',
    what: 'both have the same',
    mutate: (o) => {
      const volumes = sentinelPod(o).volumes ?? []
      const from = redisPod(o).volumes?.find(({ name }) => name === 'config') ?? fail('volume')
      volumes[volumes.findIndex(({ name }) => name === 'config')] = from
    },
    found: /share the ConfigMap/
  },
  {
    rule: 'sentinel liveness is not a question',
    what: 'PING',
    mutate: (o) => (sentinel(o).livenessProbe = { exec: { command: ['redis-cli', 'ping'] } }),
    found: /killed by a probe/
  },
  {
    rule: 'scripts exist',
    what: 'a hook of another name',
    mutate: (o) => (redis(o).lifecycle = { preStop: { exec: { command: ['sh', '/config/stop.sh'] } } }),
    found: /no \/config\/stop.sh/
  },
  {
    rule: 'exec leads to the server',
    what: 'nobody says where',
    mutate: (o) =>
      delete named<{ template: { metadata: { annotations?: object } } }>(o, 'StatefulSet', 'sentinel').template.metadata
        .annotations,
    found: /sentinel: exec and logs mean whichever is first/
  },
  {
    rule: 'exec leads to the server',
    what: 'the exporter comes first',
    mutate: (o) => sentinelPod(o).containers.reverse(),
    found: /sentinel: the first container is exporter/
  },
  {
    rule: 'claims of a size that is given',
    what: 'a small one of the sentinels',
    mutate: (o) => {
      const { volumeClaimTemplates } = named<{ volumeClaimTemplates: { spec: Claim }[] }>(o, 'StatefulSet', 'sentinel')
      ;(volumeClaimTemplates[0] ?? fail('claim')).spec.resources.requests.storage = '64Mi'
    },
    found: /StatefulSet sentinel: a claim of 64Mi/
  },
  {
    rule: 'claims of a size that is given',
    what: 'a small one of the learning Deployments',
    overlay: 'deployment',
    mutate: (o) => (named<Claim>(o, 'PersistentVolumeClaim', 'data-sentinel-0').resources.requests.storage = '64Mi'),
    found: /data-sentinel-0: a claim of 64Mi/
  },
  {
    rule: 'the labeller leaves a lost node',
    what: 'after the default of five minutes',
    overlay: 'primary-service',
    mutate: (o) => delete labellerPod(o).tolerations,
    found: /stays too long at a node that is unreachable/
  },
  {
    rule: 'the labeller leaves a lost node',
    what: "which may be the primary's",
    overlay: 'primary-service',
    mutate: (o) => delete labellerPod(o).affinity,
    found: /does not keep away/
  },
  { rule: 'quorum', what: '1 of 3', mutate: inConfig('topology.env', 'QUORUM=2', 'QUORUM=1'), found: /QUORUM is 1/ },
  {
    rule: 'quorum',
    what: 'five sentinels, and the scripts know of three',
    mutate: (o) => (named<{ replicas: number }>(o, 'StatefulSet', 'sentinel').replicas = 5),
    found: /SENTINELS is 3, and should be 5/
  },
  {
    rule: 'quorum',
    what: 'of the learning Deployments',
    overlay: 'deployment',
    mutate: inConfig('overlay.env', 'QUORUM=1', 'QUORUM=2'),
    found: /QUORUM is 2/
  },
  {
    rule: 'the hook outlasts a failover',
    what: 'the sentinels take longer',
    mutate: inConfig('group.conf', 'failover-timeout 20000', 'failover-timeout 15000'),
    found: /FAILOVER_SECONDS is 20, and failover-timeout 15000 ms/
  },
  {
    rule: 'the last replicas part before they are missed',
    what: 'the sentinels miss a node sooner',
    mutate: inConfig('group.conf', 'down-after-milliseconds 5000', 'down-after-milliseconds 3000'),
    found: /PARTING_MS is 4000, and down-after 3000 ms/
  },
  {
    rule: 'decisions outlast the DNS',
    what: 'decides after 20 s',
    mutate: inConfig('redis.env', 'DECISION_SECONDS=65', 'DECISION_SECONDS=20'),
    found: /decides after 20 s/
  },
  {
    rule: 'decisions outlast the DNS',
    what: 'the startup probe gives up first',
    mutate: (o) => ((redis(o).startupProbe ?? fail('probe')).failureThreshold = 12),
    found: /gives up after 60 s/
  },
  {
    rule: 'memory below the limit',
    what: 'all of it',
    mutate: inConfig('redis-production.conf', /maxmemory .*/, 'maxmemory 4gb'),
    found: /maxmemory 4gb/
  },
  {
    rule: 'bounded loss',
    what: 'not said',
    overlay: 'statefulset',
    mutate: inConfig('redis.conf', 'min-replicas-to-write 1', ''),
    found: /needs NaN replicas/
  },
  {
    rule: 'bounded loss',
    what: 'all replicas, so that each restart of one stops the writes',
    mutate: inConfig('redis.conf', 'min-replicas-to-write 1', 'min-replicas-to-write 2'),
    found: /needs 2 replicas to write, of 2/
  },
  {
    rule: 'bounded loss',
    what: 'after a minute',
    mutate: inConfig('redis.conf', 'min-replicas-max-lag 10', 'min-replicas-max-lag 60'),
    found: /refuses writes after 60 s/
  },
  {
    rule: 'bounded loss',
    what: 'with one replica',
    overlay: 'deployment',
    mutate: inConfig('redis-deployment.conf', 'min-replicas-to-write 0', ''),
    found: /needs 1 replicas to write, and may have 1/
  },
  {
    rule: 'no secret in the open',
    what: 'in a variable',
    mutate: (o) => redis(o).env?.push({ name: 'REDIS_PASSWORD', value: 'x' }),
    found: /REDIS_PASSWORD is written out/
  },
  {
    rule: 'no secret in the open',
    what: 'in the arguments',
    mutate: (o) => (redis(o).command = ['redis-cli', '-a', 'x']),
    found: /arguments hold/
  },
  {
    rule: 'no secret in the open',
    what: 'in a script',
    mutate: inConfig('alive.sh', 'ask_node 127.0.0.1 PING', 'redis-cli -a "$password" PING'),
    found: /alive.sh/
  },
  {
    rule: 'no Secret is shipped',
    what: 'with a password',
    mutate: (o) => o.push({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'redis-auth' } }),
    found: /redis-auth is part/
  },
  {
    rule: 'resolver options',
    what: 'five dots',
    mutate: (o) => (sentinelPod(o).dnsConfig = { options: [{ name: 'ndots', value: '5' }] }),
    found: /ndots is 5/
  },
  {
    rule: 'resolver options',
    what: 'variables of Services',
    mutate: (o) => delete redisPod(o).enableServiceLinks,
    found: /enableServiceLinks/
  },
  {
    rule: 'names of Services and pods',
    what: 'a Service of another name',
    mutate: inConfig('topology.env', 'REDIS_SERVICE=redis-headless', 'REDIS_SERVICE=redis'),
    found: /the scripts say redis,/
  },
  {
    rule: 'names of Services and pods',
    what: 'pods that are not Ready are hidden',
    mutate: (o) =>
      delete named<{ publishNotReadyAddresses?: boolean }>(o, 'Service', 'redis-headless').publishNotReadyAddresses,
    found: /hides pods/
  },
  {
    rule: 'names of Services and pods',
    what: 'a Deployment whose name is another',
    overlay: 'deployment',
    mutate: (o) => (redisPod(o).hostname = 'redis-9'),
    found: /its name is redis-9/
  },
  {
    rule: 'names of Services and pods',
    what: 'addresses instead of names',
    mutate: inConfig('sentinel.conf', 'sentinel announce-hostnames yes', ''),
    found: /do not announce names/
  },
  {
    rule: 'one cluster domain',
    what: 'the scripts are told another',
    overlay: 'primary-service',
    mutate: inConfig('topology.env', 'cluster.local', 'example.internal'),
    found: /label-primary: REDIS_URL says cluster.local, the scripts say example.internal/
  },
  {
    rule: 'one cluster domain',
    what: 'of the drills',
    overlay: 'drills',
    mutate: inConfig('topology.env', 'cluster.local', 'example.internal'),
    found: /drill-status: REDIS_URL says cluster.local/
  },
  {
    rule: 'the certificate has the names',
    what: 'a Service that is not named',
    mutate: inDnsNames((names) => names.filter((name) => !name.startsWith('redis-any'))),
    found: /no name redis-any.redis.svc.cluster.local/
  },
  {
    rule: 'the certificate has the names',
    what: "the pods' own names",
    mutate: inDnsNames((names) => names.filter((name) => !name.startsWith('*.redis'))),
    found: /no name \*\.redis-headless.redis.svc.cluster.local/
  },
  {
    rule: 'the certificate has the names',
    what: 'another namespace',
    mutate: (o) => {
      for (const { metadata } of ofKind(o, 'Service')) metadata.namespace = 'shop'
    },
    found: /no name sentinels.shop.svc.cluster.local/
  },
  {
    rule: 'the certificate has the names',
    what: 'another domain',
    mutate: inConfig('topology.env', 'cluster.local', 'example.internal'),
    found: /no name sentinels.redis.svc.example.internal/
  },
  {
    rule: 'Services lead to pods',
    what: 'a label that no pod has',
    mutate: (o) => (named<{ selector: object }>(o, 'Service', 'sentinels').selector = { app: 'sentinels' }),
    found: /sentinels selects no pod/
  },
  {
    rule: 'Services lead to pods',
    what: 'a port that no pod has',
    mutate: (o) =>
      ((named<{ ports: { targetPort: string }[] }>(o, 'Service', 'sentinels').ports[0] ?? fail('port')).targetPort =
        'redis'),
    found: /no port redis/
  },
  {
    rule: 'ports agree',
    what: 'a container',
    mutate: (o) => ((redis(o).ports?.[0] ?? fail('port')).containerPort = 6380),
    found: /redis is 6380/
  },
  {
    rule: 'ports agree',
    what: 'a probe',
    mutate: (o) => (sentinel(o).livenessProbe = { tcpSocket: { port: 26380 } }),
    found: /asks at 26380/
  },
  {
    rule: 'ports agree',
    what: 'a policy',
    mutate: (o) =>
      ((
        named<{ ingress: { ports: { port: number }[] }[] }>(o, 'NetworkPolicy', 'sentinel').ingress[0]?.ports[0] ??
        fail('port')
      ).port = 6379),
    found: /lets in to 6379/
  },
  {
    rule: 'ports agree',
    what: 'a file',
    mutate: inConfig('redis-tls.conf', 'tls-port 6379', 'tls-port 6380'),
    found: /says port 6380/
  },
  {
    rule: 'budgets and policies hit pods',
    what: 'a budget for nobody',
    mutate: (o) =>
      (named<{ selector: object }>(o, 'PodDisruptionBudget', 'redis').selector = { matchLabels: { app: 'redis' } }),
    found: /protects no pod/
  },
  {
    rule: 'budgets and policies hit pods',
    what: 'a policy for nobody',
    mutate: (o) =>
      (named<{ podSelector: object }>(o, 'NetworkPolicy', 'redis').podSelector = { matchLabels: { app: 'redis' } }),
    found: /no pod has/
  },
  {
    rule: 'everything is denied that is not allowed',
    what: 'no default',
    mutate: (o) => remove(o, 'NetworkPolicy', 'default-deny'),
    found: /no policy denies/
  },
  {
    rule: 'what has to talk may talk',
    what: 'redis may not ask the sentinels',
    mutate: (o) => named<{ egress: unknown[] }>(o, 'NetworkPolicy', 'redis').egress.pop(),
    found: /redis may not go out to sentinel:26379/
  },
  {
    rule: 'what has to talk may talk',
    what: 'no DNS over TCP',
    mutate: (o) => named<{ egress: { ports: unknown[] }[] }>(o, 'NetworkPolicy', 'allow-dns').egress[0]?.ports.pop(),
    found: /DNS by UDP and TCP: CoreDNS/
  },
  {
    rule: 'what has to talk may talk',
    what: 'the DNS of another namespace',
    mutate: inDnsPeers((to) => to.filter(({ podSelector }) => podSelector?.matchLabels['k8s-app'] !== 'kube-dns')),
    found: /DNS by UDP and TCP: CoreDNS/
  },
  {
    rule: 'what has to talk may talk',
    what: 'no NodeLocal DNSCache',
    mutate: inDnsPeers((to) => to.filter(({ podSelector }) => podSelector?.matchLabels['k8s-app'] === 'kube-dns')),
    found: /DNS by UDP and TCP: NodeLocal DNSCache, at its address/
  },
  {
    rule: 'budgets',
    what: 'two may go',
    mutate: (o) => (named<{ maxUnavailable: number }>(o, 'PodDisruptionBudget', 'sentinel').maxUnavailable = 2),
    found: /lets 2 go/
  },
  {
    rule: 'spread over nodes',
    what: 'nowhere said',
    mutate: (o) => delete redisPod(o).topologySpreadConstraints,
    found: /redis may lie on one node/
  },
  {
    rule: 'spread over nodes',
    what: 'only if it can be',
    mutate: (o) => (byNode(o).whenUnsatisfiable = 'ScheduleAnyway'),
    found: /redis may lie on one node/
  },
  {
    rule: 'spread over nodes',
    what: 'two of them will do',
    mutate: (o) => delete byNode(o).minDomains,
    found: /two pods may lie on one node/
  },
  {
    rule: 'spread over nodes',
    what: 'one that is cordoned counts',
    mutate: (o) => delete byNode(o).nodeTaintsPolicy,
    found: /nodes that take none of its pods count/
  },
  {
    rule: 'ServiceMonitors find Services',
    what: 'of another label',
    mutate: (o) => (named<{ selector: object }>(o, 'ServiceMonitor', 'redis').selector = { matchLabels: { app: 'x' } }),
    found: /finds no Service/
  },
  {
    rule: 'Prometheus finds the clients and is let in',
    what: 'by another name of the port',
    mutate: (o) =>
      (named<{ podMetricsEndpoints: object }>(o, 'PodMonitor', 'redis-clients').podMetricsEndpoints = [
        { port: 'web' }
      ]),
    found: /no PodMonitor finds Deployment example-writer/
  },
  {
    rule: 'Prometheus finds the clients and is let in',
    what: 'with a policy for what goes out only',
    mutate: (o) => (named<{ policyTypes: string[] }>(o, 'NetworkPolicy', 'redis-clients').policyTypes = ['Egress']),
    found: /Deployment example-reader does not let Prometheus in to 8080/
  },
  {
    rule: 'Prometheus finds the clients and is let in',
    what: 'at the sentinels',
    mutate: (o) => named<{ ingress: unknown[] }>(o, 'NetworkPolicy', 'sentinel').ingress.pop(),
    found: /StatefulSet sentinel does not let Prometheus in to 9121/
  },
  {
    rule: 'resources',
    what: 'of a drill',
    overlay: 'drills',
    mutate: (o) => delete workloads(o)[0]?.pod.containers[0]?.resources,
    found: /CronJob/
  }
]
