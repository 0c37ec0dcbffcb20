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
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'later' },
    spec: {
      jobTemplate: {
        spec: {
          backoffLimit: 0,
          template: {
            spec: {
              restartPolicy: 'Never',
              containers: [{ name: 'job', image: 'redis', command: ['sh', '-c', 'echo first; sleep 1; echo last'] }]
            }
          }
        }
      }
    }
  }
]

const skipped = whyNoCluster()

beforeAll(async () => {
  if (skipped !== undefined) return
  cluster = await Cluster.start()
  cluster.apply(OBJECTS)
  kubectl = await KubectlServer.start(cluster)
  session = new Session(kubectl.env, '/')
  await session.run('kubectl -n redis rollout status statefulset/one', 60_000)
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
    commands: `kubectl -n redis create job --from=cronjob/later now >/dev/null && kubectl -n redis logs -f job/now`,
    printed: 'first\nlast\n'
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
  const secret = cluster?.objects.secret('words')
  if (secret !== undefined) expect([String(secret['a']), String(secret['b'])]).toEqual(['new', 'kept'])
})

it.for([
  ['describe pod one-0', "unknown command 'describe'", '\n  rollout'],
  ['-n other get pods -o name', 'no namespace "other"; there is redis'],
  ['apply -k k8s/nothing', 'k8s/nothing is not rendered; there is k8s/overlays/deployment'],
  ['-n redis logs two-0', 'no pod two-0; there is '],
  ['-n redis logs -f job/never', 'no Job never; there is'],
  ['-n redis exec one-0 -c other -- true', 'pod one-0 has no container other'],
  ['-n redis rollout status service/one', 'no kind "service"; known are pod, statefulset'],
  ['-n redis get pods -o yaml', 'get pods -o yaml is not done here'],
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
