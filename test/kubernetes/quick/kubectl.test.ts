import { afterAll, beforeAll, expect, it } from 'vitest'
import { Session } from '../documents/session.js'
import { Cluster } from '../harness/cluster.js'
import { KubectlServer } from '../harness/kubectl/server.js'
import { whyNoCluster } from '../harness/needs-linux-root.js'

/** Each run says another word. */
const START = 'echo "begins $(cat /proc/sys/kernel/random/uuid)"; exec redis-server --save ""'

/** A server, and a CronJob with what a drill has. */
const OBJECTS = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'redis', namespace: 'redis' } },
  {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'one' },
    spec: {
      selector: {},
      template: {
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [{ name: 'redis', image: 'redis', command: ['sh', '-c', START] }]
        }
      }
    }
  },
  {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'other' },
    spec: {
      selector: {},
      volumeClaimTemplates: [{ metadata: { name: 'data' } }],
      template: {
        spec: {
          terminationGracePeriodSeconds: 1,
          containers: [
            { name: 'late', image: 'redis', command: ['sh', '-c', 'trap "" TERM; while :; do sleep 1; done'] }
          ]
        }
      }
    }
  },
  cronJob('later', {}),
  // None of its pods starts: what it mounts is not there.
  cronJob('never-starts', { volumes: [{ name: 'files', configMap: { name: 'not-there' } }] })
]

function cronJob(name: string, spec: object) {
  const containers = [{ name: 'job', image: 'redis', command: ['sh', '-c', 'echo first; sleep 1; echo last'] }]
  const template = { spec: { restartPolicy: 'Never', containers, ...spec } }
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name },
    spec: { jobTemplate: { spec: { backoffLimit: 0, template } } }
  }
}

const skipped = whyNoCluster()

beforeAll(async () => {
  if (skipped !== undefined) return
  cluster = await Cluster.start()
  cluster.apply(OBJECTS)
  kubectl = await KubectlServer.start(cluster)
  session = new Session(kubectl.env, '/')
  await session.run('kubectl -n redis rollout status statefulset/one statefulset/other --timeout=1m', 60_000)
})

afterAll(async () => {
  session?.end()
  await kubectl?.stop()
  await cluster?.stop()
})

let cluster: Cluster | undefined
let kubectl: KubectlServer | undefined
let session: Session | undefined

it.for([
  {
    what: 'exec gives back both streams and the exit code',
    commands: `kubectl -n redis exec one-0 -- sh -c 'echo out; echo err >&2; exit 3' 2>/dev/null || echo $?`,
    printed: 'out\n3\n'
  },
  {
    what: 'exec passes on the standard input where it is asked to, and leaves it alone where not',
    commands: `for n in 1 2; do echo $n; done | while read -r n; do kubectl -n redis exec one-0 -- echo $n; done
printf 'a\\nb' | kubectl -n redis exec -i one-0 -c redis -- cat`,
    printed: '1\n2\na\nb'
  },
  {
    what: 'exec takes and gives what is no text',
    commands: `folder=$(mktemp -d) && head -c 300000 /dev/urandom > $folder/in
kubectl -n redis exec -i one-0 -- cat < $folder/in > $folder/out
cmp $folder/in $folder/out && rm -r $folder`,
    printed: ''
  },
  {
    what: 'several are scaled at once, and wait sees their pods go and become Ready',
    commands: `kubectl -n redis scale statefulset/one sts/other --replicas=0
kubectl -n redis wait --for=delete pod/other-0 pod/one-0 pod/never --timeout=20s | sed '/condition met/d'
kubectl -n redis get pods -o name | grep -E 'one|other' || echo none
kubectl -n redis scale statefulset/one statefulset/other --replicas=1
kubectl -n redis wait --for=condition=Ready pod/one-0 pod/other-0 --timeout=20s
kubectl -n redis exec one-0 -- echo runs`,
    printed: `statefulset.apps/one scaled
statefulset.apps/other scaled
none
statefulset.apps/one scaled
statefulset.apps/other scaled
pod/one-0 condition met
pod/other-0 condition met
runs
`
  },
  {
    what: 'a claim that is deleted stays until no pod has it',
    commands: `kubectl -n redis get pvc data-other-0
kubectl -n redis scale statefulset/other --replicas=0
kubectl -n redis delete pvc --ignore-not-found data-other-0 data-other-9
kubectl -n redis get pods -o name | grep other || echo none
kubectl -n redis get pvc data-other-0 || echo "code $?"`,
    printed: `NAME           STATUS
data-other-0   Bound
statefulset.apps/other scaled
persistentvolumeclaim "data-other-0" deleted
none
Error from server (NotFound): persistentvolumeclaims "data-other-0" not found
code 1
`
  },
  {
    what: 'logs are those of the run of now',
    commands: `said() { kubectl -n redis logs one-0 | grep begins; }
before=$(said)
kubectl -n redis exec one-0 -- redis-cli SHUTDOWN 2>/dev/null || true
until now=$(said) && [ "$now" != "$before" ]; do sleep 0.1; done
echo "$now" | grep -c begins`,
    printed: '1\n'
  },
  {
    what: 'logs -f ends with its Job',
    commands: `kubectl -n redis create job --from=cronjob/later now >/dev/null && until kubectl -n redis logs -f job/now 2>/dev/null; do sleep 1; done`,
    printed: 'first\nlast\n'
  },
  {
    what: 'logs -f does not wait for the container of a pod',
    commands: `kubectl -n redis create job --from=cronjob/never-starts soon >/dev/null
kubectl -n redis logs -f job/soon 2>&1 | sed 's/"[^"]*"/NAME/g'`,
    printed: 'error: container NAME in pod NAME is waiting to start: ContainerCreating\n'
  },
  {
    what: 'a ConfigMap that is there is made anew by what create prints',
    commands: `folder=$(mktemp -d)
for word in old new; do
  printf $word > $folder/a
  kubectl -n redis create configmap files --from-file=$folder --dry-run=client -o yaml | kubectl apply --server-side --force-conflicts -f -
done
printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: other }\n' > $folder/other.yaml
kubectl apply -f $folder/other.yaml && rm -r $folder`,
    printed: 'configmap/files serverside-applied\nconfigmap/files serverside-applied\nconfigmap/other created\n'
  },
  {
    what: 'a Secret is made of a folder, and patched from the standard input',
    commands: `folder=$(mktemp -d) && printf old > $folder/a && printf kept > $folder/b
kubectl -n redis create secret generic words --from-file=$folder && rm -r $folder
printf '{"data":{"a":"%s"}}' "$(printf new | base64)" | kubectl -n redis patch secret words --patch-file /dev/stdin`,
    printed: 'secret/words created\nsecret/words patched\n'
  }
])('kubectl of the documents: $what', async ({ commands, printed }, context) => {
  if (skipped !== undefined) context.skip(skipped)
  expect(await session?.run(commands, 60_000)).toEqual({ printed, failed: [] })
  const files = cluster?.objects.configMap('files')
  if (files !== undefined) expect(String(files['a'])).toBe('new')
  const secret = cluster?.objects.secret('words')
  if (secret !== undefined) expect([String(secret['a']), String(secret['b'])]).toEqual(['new', 'kept'])
})

it.for([
  ['describe pod one-0', "unknown command 'describe'", '\n  rollout'],
  ['-n other get pods -o name', 'no namespace "other"; there is redis'],
  ['apply --server-side', 'apply without one of -k and -f is not done here'],
  ['-n redis create configmap a --from-file=a --dry-run=server', 'another --dry-run, or another -o, is not done here'],
  ['apply -k k8s/nothing', 'k8s/nothing is not rendered; there is k8s/overlays/deployment'],
  ['-n redis logs two-0', 'no pod two-0; there is '],
  ['-n redis logs -f job/never', 'no Job never; there is'],
  ['-n redis exec one-0 -c other -- true', 'pod one-0 has no container other'],
  ['-n redis rollout status service/one', 'no kind "service"; known are pod, statefulset'],
  ['-n redis get pods -o yaml', 'get pods -o yaml is not done here'],
  ['-n redis delete pvc data-other-8', 'persistentvolumeclaims "data-other-8" not found'],
  ['-n redis wait --for=delete --timeout=1s pod/one-0', 'timed out waiting for the condition on pods/one-0'],
  ['-n redis wait --for=jsonpath pod/one-0', 'wait --for=jsonpath is not done here'],
  ['-n redis scale statefulset/one --replicas=many', 'a whole number is meant']
])('kubectl of the documents: %s ends with 1 and says why', async ([words = '', ...said], context) => {
  if (skipped !== undefined) context.skip(skipped)
  const ran = await session?.run(`kubectl ${words} || echo "code $?"`, 60_000)
  for (const each of [...said, 'code 1']) expect(ran?.printed).toContain(each)
})

it('a shell session tells which commands failed, and not those that are conditions', async (context) => {
  if (skipped !== undefined) context.skip(skipped)
  const ran = await session?.run(
    'f() { false; }\nf || echo handled\nif false; then :; fi\nls /nowhere 2>/dev/null\necho on',
    60_000
  )
  expect(ran).toEqual({ printed: 'handled\non\n', failed: ['2: ls /nowhere 2> /dev/null'] })
})

it('a shell session that is told to ends at the first command that fails, and says which one it was', async (context) => {
  if (skipped !== undefined) context.skip(skipped)
  const strict = new Session(process.env, '/')
  try {
    await strict.run('set -eu', 60_000)
    const ran = strict.run('until false || true; do :; done; echo on; ls /nowhere 2>/dev/null; echo never', 60_000)
    await expect(ran).rejects.toThrow(/^the shell has ended; it printed:\non\n@\S+ 2: ls \/nowhere 2> \/dev\/null\n$/)
  } finally {
    strict.end()
  }
})
