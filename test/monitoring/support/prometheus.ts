import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Labels } from '../../manifests/support/objects.js'
import { type Child, startChild } from './child.js'
import { program } from './programs.js'

export interface Scraped {
  /** host:port */
  readonly address: string
  readonly path: string
  readonly labels: Labels
}

export interface Series {
  readonly labels: Labels
  readonly value: number
}

export interface FiringAlert {
  readonly labels: Labels
  readonly annotations: Labels
  readonly state: 'pending' | 'firing'
}

/** A Prometheus that asks all targets every 2 s. */
export class Prometheus {
  readonly stop: Child['stop']
  readonly #url: string

  private constructor(url: string, child: Child) {
    this.#url = url
    this.stop = child.stop
  }

  /** @param listens host:port @param rules the text of a file of rules */
  static async start(folder: string, listens: string, targets: readonly Scraped[], rules: string): Promise<Prometheus> {
    const config = {
      global: { scrape_interval: '2s', scrape_timeout: '2s', evaluation_interval: '1s' },
      rule_files: ['rules.yaml'],
      scrape_configs: targets.map(({ address, path, labels }) => ({
        job_name: address,
        metrics_path: path,
        static_configs: [{ targets: [address], labels }]
      }))
    }
    // YAML has JSON in it.
    writeFileSync(join(folder, 'prometheus.yaml'), JSON.stringify(config))
    writeFileSync(join(folder, 'rules.yaml'), rules)
    const args = [
      `--config.file=${join(folder, 'prometheus.yaml')}`,
      `--storage.tsdb.path=${join(folder, 'tsdb')}`,
      `--web.listen-address=${listens}`,
      '--log.level=warn'
    ]
    const url = `http://${listens}`
    return new Prometheus(url, await startChild(program('prometheus'), args, {}, `${url}/-/ready`))
  }

  async query(query: string): Promise<readonly Series[]> {
    const { result } = (await this.#ask('query', { query })) as {
      result: { metric: Labels; value: [number, string] }[]
    }
    return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
  }

  async alerts(): Promise<readonly FiringAlert[]> {
    return ((await this.#ask('alerts', {})) as { alerts: FiringAlert[] }).alerts
  }

  async #ask(what: string, words: Record<string, string>): Promise<unknown> {
    const response = await fetch(`${this.#url}/api/v1/${what}?${String(new URLSearchParams(words))}`)
    const answer = (await response.json()) as { status: string; data?: unknown; error?: string }
    if (answer.status !== 'success') throw new Error(`Prometheus: ${answer.error} (${JSON.stringify(words)})`)
    return answer.data
  }
}
