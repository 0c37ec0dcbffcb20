import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { reportPage } from './page.js'
import type { Report } from './report.js'

export const REPORT_FILE = 'failover.json'
export const PAGE_FILE = 'failover.html'

/** The results as JSON, and as a page with plots. */
export function writeReport(report: Report, directory: string): void {
  mkdirSync(directory, { recursive: true })
  const { runs, cells, ...rest } = report
  const head = JSON.stringify(rest, undefined, 2).replace(/\n\}$/, '')
  const list = (items: readonly object[]): string =>
    `[\n${items.map((item) => `    ${JSON.stringify(item)}`).join(',\n')}\n  ]`
  // A line for each cell and run: to be read, and to differ by lines.
  writeFileSync(join(directory, REPORT_FILE), `${head},\n  "cells": ${list(cells)},\n  "runs": ${list(runs)}\n}\n`)
  writeFileSync(join(directory, PAGE_FILE), reportPage(report))
}

/** @throws Error naming the file when it cannot be read or holds no results. */
export function readReport(path: string): Report {
  let report: Partial<Report>
  try {
    report = JSON.parse(readFileSync(path, 'utf8')) as Partial<Report>
  } catch (error) {
    throw new Error(`${path} cannot be read: ${(error as Error).message}`, { cause: error })
  }
  const { environment, settings, cells, runs } = report
  if (environment === undefined || settings === undefined || cells === undefined || runs === undefined) {
    throw new Error(`${path} holds no results of bench:failover: environment, settings, cells and runs are expected`)
  }
  return { environment, settings, cells, runs }
}
