import { readFileSync } from 'node:fs'

const LABEL = 'redis-role'
const TIMEOUT_MS = 5000

export interface PodLabelsOptions {
  readonly apiUrl: string
  readonly tokenFile: string
  readonly namespace: string
  /** A label selector, as the API takes it. */
  readonly selector: string
}

export interface LabelChange {
  readonly pod: string
  readonly labelled: boolean
}

interface Pod {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> }
  readonly status?: { readonly podIP?: string }
}

/** The label of the primary, at the API server. */
export class PodLabels {
  constructor(private readonly options: PodLabelsOptions) {}

  /**
   * Takes the label from every pod that has not this host as its address or at the beginning of its name, and then gives it to
   * the one that has.
   *
   * @throws Error when the API server refuses, or does not answer within 5 s
   */
  async label(host: string): Promise<LabelChange[]> {
    const { items } = await this.ask<{ items: Pod[] }>(
      'GET',
      `?labelSelector=${encodeURIComponent(this.options.selector)}`
    )
    const isPrimary = ({ metadata, status }: Pod): boolean =>
      status?.podIP === host || host === metadata.name || host.startsWith(`${metadata.name}.`)
    const hasLabel = ({ metadata }: Pod): boolean => metadata.labels?.[LABEL] === 'primary'
    const wrong = items.filter((pod) => hasLabel(pod) && !isPrimary(pod))
    const missing = items.filter((pod) => isPrimary(pod) && !hasLabel(pod))
    const changes = [
      ...wrong.map(({ metadata }) => ({ pod: metadata.name, labelled: false })),
      ...missing.map(({ metadata }) => ({ pod: metadata.name, labelled: true }))
    ]
    for (const { pod, labelled } of changes) {
      await this.ask('PATCH', `/${pod}`, { metadata: { labels: { [LABEL]: labelled ? 'primary' : null } } })
    }
    return changes
  }

  private async ask<T>(method: string, path: string, body?: object): Promise<T> {
    const { apiUrl, namespace, tokenFile } = this.options
    const response = await fetch(`${apiUrl}/api/v1/namespaces/${namespace}/pods${path}`, {
      method,
      // The token is renewed on the disk.
      headers: {
        authorization: `Bearer ${readFileSync(tokenFile, 'utf8').trim()}`,
        'content-type': 'application/merge-patch+json'
      },
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body !== undefined && { body: JSON.stringify(body) })
    })
    if (!response.ok)
      throw new Error(`${method} pods${path}: ${response.status} ${(await response.text()).slice(0, 200)}`)
    return (await response.json()) as T
  }
}
