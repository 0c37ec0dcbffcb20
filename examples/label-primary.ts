/**
 * Keeps a label on the pod that is the primary, for a Service that selects by it: k8s/components/primary-service. It is for what
 * knows no sentinels; a client that does is faster, and needs nobody who may patch pods. No write depends on this program.
 *
 *   REDIS_URL=redis+sentinel://sentinels:26379/mymaster POD_NAMESPACE=redis node --import tsx examples/label-primary.ts
 *
 * Settings beside those of writer.ts (REDIS_URL, passwords, HTTP_PORT, LOG_LEVEL):
 *   POD_NAMESPACE  where the pods are
 *   POD_SELECTOR   the pods that may have the label (app.kubernetes.io/name=redis)
 *   API_URL        the API server (https://kubernetes.default.svc; NODE_EXTRA_CA_CERTS names its authority)
 *   TOKEN_FILE     what it wants to see (/var/run/secrets/kubernetes.io/serviceaccount/token)
 *
 * The label is redis-role=primary. Two pods never have it: it is taken from the others first, and given to the new one when the
 * topology has moved there, for which that node must have said that it is the primary. All pods are compared at each move and
 * every 10 s.
 */
import { PodLabels } from './lib/pod-labels.js'
import { runProgram, type ProgramContext, type Workload } from './lib/program.js'

const COMPARE_MS = 10_000

function startLabelling({ redis, log }: ProgramContext): Workload {
  const env = process.env
  const pods = new PodLabels({
    apiUrl: env['API_URL'] ?? 'https://kubernetes.default.svc',
    tokenFile: env['TOKEN_FILE'] ?? '/var/run/secrets/kubernetes.io/serviceaccount/token',
    namespace: env['POD_NAMESPACE'] ?? 'default',
    selector: env['POD_SELECTOR'] ?? 'app.kubernetes.io/name=redis'
  })
  let trouble: string | undefined
  let changes = 0
  let running: Promise<void> | undefined
  let again = false

  const compare = async (): Promise<void> => {
    try {
      const host = redis.topology.primary?.address.host
      const changed = host === undefined ? [] : await pods.label(host)
      changes += changed.length
      for (const { pod, labelled } of changed) log.info({ pod, labelled }, labelled ? 'labelled' : 'label taken away')
      trouble = undefined
    } catch (error) {
      trouble = (error as Error).message
      log.warn({ err: error }, 'the pods could not be labelled')
    }
  }

  /** One at a time; what is asked for meanwhile comes after it, with the topology of then. */
  const soon = (): void => {
    again = true
    running ??= (async () => {
      while (again) {
        again = false
        await compare()
      }
      running = undefined
    })()
  }

  redis.on('primary-changed', soon)
  const regularly = setInterval(soon, COMPARE_MS)
  soon()
  return {
    trouble: () => trouble,
    outstanding: () => (running === undefined ? 0 : 1),
    issued: () => ({ write: changes }),
    stop: async () => {
      clearInterval(regularly)
      redis.off('primary-changed', soon)
      await running
      return 0
    }
  }
}

await runProgram('label-primary', startLabelling)
