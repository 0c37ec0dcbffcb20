/** So many failovers in the suite, which has little time; `FAILOVERS=20` before its command makes it the long form, whose figures the documents have. */
export function failoversOrElse(inTheSuite: number): number {
  return Number(process.env['FAILOVERS'] ?? inTheSuite)
}
