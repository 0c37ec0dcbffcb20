/** A rule as it lies in a PrometheusRule. */
export interface Alert {
  alert: string
  expr: string
  for?: string
  labels?: { severity?: string }
  annotations?: { summary?: string; runbook_url?: string }
}
