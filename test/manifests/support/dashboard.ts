import { type KubernetesObject, ofKind } from './objects.js'

export interface Dashboard {
  panels: {
    title: string
    targets: { expr: string; legendFormat: string }[]
    gridPos: { x: number; y: number; w: number; h: number }
  }[]
}

/** What Grafana's sidecar finds. */
export function dashboardOf(objects: readonly KubernetesObject[]): Dashboard {
  const map = ofKind(objects, 'ConfigMap').find(({ metadata }) => metadata.name === 'redis-dashboard')
  return JSON.parse(map?.data?.['redis-sentinel.json'] ?? '') as Dashboard
}
