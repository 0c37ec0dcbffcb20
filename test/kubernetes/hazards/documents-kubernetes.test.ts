import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, type TestContext } from 'vitest'
import { ROOT } from '../../../scripts/lib/root.mjs'
import { type Block, blocksOf } from '../documents/blocks.js'
import { runBlock } from '../documents/run-document.js'
import { Session } from '../documents/session.js'
import { Cluster } from '../harness/cluster.js'
import { SHORT_TIMES } from '../harness/dns/records.js'
import { KubectlServer } from '../harness/kubectl/server.js'
import { readOverlay } from '../harness/manifests/read-manifests.js'
import { needsCluster } from '../harness/needs-linux-root.js'
import { accessOf } from '../harness/redis-access.js'
import { podsOf } from '../harness/redis-view.js'
import { untilAgreed } from '../harness/verdict.js'
import { Authority } from '../support/certificates.js'
import { explained } from '../support/explained.js'
import type { Certificate } from '../support/users-part.js'

const CLAIMS_WITHOUT_SIZE = 'a claim has no size here'

/** Lines of docs/kubernetes.md that are not run. All others are, in one of the two tests. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  'kind create cluster                      # or: minikube start': 'the harness is the cluster, and has been started',
  'kubectl apply -f your-issuer.yaml        # cert-manager: an Issuer redis-ca in the namespace redis':
    'cert-manager is not modelled: the test writes the Secret that it would',
  [`for n in 0 1 2; do kubectl -n redis patch pvc data-redis-$n -p '{"spec":{"resources":{"requests":{"storage":"24Gi"}}}}'; done`]:
    CLAIMS_WITHOUT_SIZE,
  'kubectl -n redis delete statefulset redis --cascade=orphan': CLAIMS_WITHOUT_SIZE,
  'kubectl apply -k k8s/overlays/production        # yours': CLAIMS_WITHOUT_SIZE
}

const DOCUMENT = readFileSync(join(ROOT, 'docs/kubernetes.md'), 'utf8')
const [install, installProduction, examples, largerVolume, rotatePassword, rotateCertificates, backUp] = blocksOf(
  DOCUMENT
) as [Block, Block, Block, Block, Block, Block, Block]
const linesToRun = ({ commands }: Block): readonly string[] =>
  commands.split('\n').filter((line) => !(line in LEFT_OUT))

// The last one, the restore, is run by restore.test.ts, with the backup before it.
it('every block of docs/kubernetes.md is in a test, but for lines that say why not', () => {
  const headings = blocksOf(DOCUMENT).map(({ heading }) => heading)
  expect(headings).toEqual([
    'Install',
    'Install',
    'Clients',
    'A larger volume',
    'Rotate',
    'Rotate',
    'Back up and restore',
    'Back up and restore'
  ])
  expect(linesToRun(largerVolume)).toEqual([''])
  const lines = DOCUMENT.split('\n')
  expect(Object.keys(LEFT_OUT).filter((line) => !lines.includes(line))).toEqual([])
})

/** A cluster, and a shell in which blocks are run. */
async function inShell(
  context: TestContext,
  body: (run: (block: Block, folder?: string) => Promise<string>, cluster: Cluster) => Promise<void>
): Promise<void> {
  needsCluster(context)
  const cluster = await Cluster.start({ dnsTimes: SHORT_TIMES })
  const kubectl = await KubectlServer.start(cluster)
  const session = new Session(kubectl.env, ROOT)
  try {
    await body(async (block, folder = ROOT) => {
      const commands = linesToRun(block).join('\n')
      const { printed, failures } = await runBlock(session, { ...block, commands: `cd '${folder}'\n${commands}` })
      expect(failures).toEqual([])
      return printed
    }, cluster)
  } catch (error) {
    throw explained(error, cluster, context.task.name)
  } finally {
    session.end()
    await kubectl.stop()
    await cluster.stop()
  }
}

it('docs/kubernetes.md: the learning overlay, the examples and the drills beside it, and a backup', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'ioredis-sentinel-backup-'))
  try {
    await inShell(context, async (run, cluster) => {
      expect(await run(install)).toContain('num-other-sentinels\n')
      const { primary } = await untilAgreed(cluster)
      expect(primary).toBe('redis-0')
      await run(examples)
      expect(cluster.objects.all('CronJob').map(({ metadata }) => metadata.name)).toContain('drill-handover')
      await run(backUp, folder)
      const files = execFileSync('tar', ['-tf', join(folder, 'backup.tar')], { encoding: 'utf8' })
      expect(files).toMatch(/^appendonlydir\/.*\.manifest$/m)
      expect(files).toMatch(/^appendonlydir\/.*\.base\.rdb$/m)
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

it('docs/kubernetes.md: the production overlay, and the rotation of a password and of the certificates', async (context) => {
  const authority = await Authority.create()
  try {
    await inShell(context, async (run, cluster) => {
      const wanted = readOverlay('production').find(({ kind }) => kind === 'Certificate') as Certificate
      const issue = async (): Promise<void> => {
        cluster.apply([await authority.issue(wanted.spec.secretName, 'redis', wanted.spec.dnsNames)])
      }
      await run(installProduction)
      await issue()
      await untilAgreed(cluster)
      await run({ ...examples, commands: examples.commands.replace(/k8s\/(examples|drills)/g, 'k8s/$1-production') })
      await run({
        ...examples,
        commands:
          'kubectl -n redis rollout status deployment/example-writer deployment/example-reader --timeout=2m\n' +
          `kubectl -n redis exec deployment/example-writer -- node -e "fetch('http://127.0.0.1:8080/healthz').then((r) => process.exit(r.ok ? 0 : 1))"\n` +
          // They know the password of today only.
          'kubectl delete -k k8s/examples-production\n'
      })

      const password = (): string => String(cluster.objects.secret('redis-auth')?.['user-app'])
      const answers = (given: string): Promise<string[]> =>
        Promise.all(
          podsOf(cluster, 'redis').map(({ address = '' }) =>
            cluster.process
              .call('ask', { ...accessOf(cluster).node(address), user: 'app', password: given }, [], 3_000)
              .then(() => 'OK', String)
          )
        )
      const old = password()
      await run(rotatePassword)
      await untilAgreed(cluster)
      expect(password()).not.toBe(old)
      expect(await answers(password())).toEqual(['OK', 'OK', 'OK'])
      for (const answer of await answers(old)) expect(answer).toContain('WRONGPASS')

      const fingerprints = (): Promise<string[]> =>
        Promise.all(
          [...podsOf(cluster, 'redis'), ...podsOf(cluster, 'sentinel')].map(({ name, address = '' }) =>
            cluster.process.call('certificateOf', address, name.startsWith('redis') ? 6379 : 26_379)
          )
        )
      const [before] = await fingerprints()
      await issue()
      await sleep(cluster.latencies.volumeUpdateMs + 1_000)
      await run(rotateCertificates)
      // The sentinels restart one after the other, which is not over when the command is.
      await run({ ...rotateCertificates, commands: 'kubectl -n redis rollout status statefulset/sentinel' })
      await untilAgreed(cluster)
      const after = await fingerprints()
      expect(new Set(after).size).toBe(1)
      expect(after).not.toContain(before)
    })
  } finally {
    authority.remove()
  }
})
