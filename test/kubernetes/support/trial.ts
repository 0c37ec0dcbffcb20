import { expect, type TestContext } from 'vitest'
import { Writer, type WriterOptions } from '../harness/client/writer.js'
import type { WriterReport } from '../harness/client/writer-report.js'
import { Cluster } from '../harness/cluster.js'
import { type DnsTimes, KUBEADM_TIMES, SHORT_TIMES } from '../harness/dns/records.js'
import { withoutForeignImages } from '../harness/manifests/foreign-images.js'
import type { KubernetesObject } from '../harness/manifests/objects.js'
import { readOverlay } from '../harness/manifests/read-manifests.js'
import { needsCluster } from '../harness/needs-linux-root.js'
import { type Agreement, type AgreementOptions, untilAgreed } from '../harness/verdict.js'
import type { Authority } from './certificates.js'
import { explained } from './explained.js'
import { makePrimary } from './make-primary.js'
import { recordFigures, toFigures } from './figures.js'
import { usersPart } from './users-part.js'

export interface TrialOptions {
  /** Of k8s/rendered. Default `statefulset`. */
  readonly overlay?: string
  /** How long DNS keeps its answers from the installation's end on. Default 30 s, as on a cluster. */
  readonly dnsTimes?: DnsTimes
  readonly nodes?: number
  /** The pod that is made the primary before the writer begins. Default: whichever is, which is pod 0. */
  readonly primary?: string
  readonly writer?: WriterOptions
  /** Changes the manifests before they are applied. */
  readonly edit?: (objects: readonly KubernetesObject[]) => readonly KubernetesObject[]
}

export interface Trial {
  readonly cluster: Cluster
  readonly writer: Writer
  /** Who signed the certificates, where the overlay has some. */
  readonly authority: Authority | undefined
  /** What all agreed on before the fault. */
  readonly before: Agreement
  /** What all agree on, with the ids of the sentinels kept and the epoch not fallen. Call it when the fault is over. */
  readonly agreed: (options?: AgreementOptions & { readonly newSentinels?: boolean }) => Promise<Agreement>
  /** To be called first where the fault is not the beginning of the body. */
  readonly faultBegins: () => void
}

/**
 * Installs an overlay, lets a writer run, does `fault`, waits until all agree, and reads back what was acknowledged. The end
 * conditions that all hazards share are checked here: agreement, ids and epochs kept, every write settled, none doubled. `check`
 * looks at what the writer says at the end.
 */
export async function runTrial(
  context: TestContext,
  options: TrialOptions,
  fault: (trial: Trial) => Promise<unknown>,
  check: (report: WriterReport) => void
): Promise<void> {
  needsCluster(context)
  const { overlay = 'statefulset', dnsTimes = KUBEADM_TIMES, edit = (objects) => objects } = options
  const given = await usersPart(readOverlay(overlay))
  const cluster = await Cluster.start({ dnsTimes: SHORT_TIMES, ...(options.nodes ? { nodes: options.nodes } : {}) })
  try {
    cluster.apply(edit(withoutForeignImages(given.objects)))
    const installed = await untilAgreed(cluster)
    const before = options.primary === undefined ? installed : await makePrimary(cluster, options.primary)
    const writer = await Writer.start(cluster, options.writer)
    await cluster.setDnsTimes(dnsTimes)
    await writer.untilAcked(500)
    let beganAt = performance.now()
    let after = before
    let agreements = 0
    const agreed: Trial['agreed'] = async ({ newSentinels = false, ...rest } = {}) => {
      after = await untilAgreed(cluster, rest)
      agreements += 1
      expect(after.ids).toMatchObject(before.ids)
      if (!newSentinels) expect(after.configEpoch).toBeGreaterThanOrEqual(before.configEpoch)
      return after
    }
    const faultBegins = (): void => {
      beganAt = performance.now()
    }
    // A fault that ends the first writer leaves another one.
    const left = await fault({ cluster, writer, before, authority: given.authority, agreed, faultBegins })
    expect(agreements, 'how often the fault waited for the end conditions').toBeGreaterThan(0)
    const last = left instanceof Writer ? left : writer
    const seconds = (performance.now() - beganAt) / 1000
    await last.untilAcked(500)
    const report = await last.stop()
    const of = { hazard: context.task.name, overlay, file: fileOf(context) }
    recordFigures(toFigures(of, report, Math.round(seconds * 10) / 10))
    cluster.events.say(`the writer: ${JSON.stringify({ ...report, lost: report.lost.length })}`)
    expect(report).toMatchObject({ hung: 0, doubled: 0, foreign: 0 })
    check(report)
  } catch (error) {
    throw explained(error, cluster, context.task.name)
  } finally {
    await cluster.stop()
    given.authority?.remove()
  }
}

/** `hazards/drain` */
const fileOf = ({ task }: TestContext): string =>
  task.file.name.replace(/^.*test\/kubernetes\//, '').replace(/\.test\.ts$/, '')
