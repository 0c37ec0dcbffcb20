/** Which servers' exporters have a metric. */
export type ExportedBy = 'every server' | 'redis' | 'primary' | 'replica' | 'sentinel'

export interface ExporterMetric {
  readonly by: ExportedBy
  /** Where the exporter's source (github.com/oliver006/redis_exporter, exporter/) makes it. */
  readonly source: string
}

/**
 * Metrics of redis_exporter that alerts and the dashboard ask for. A name that is not here is a typing error, or has to be looked up in
 * the source first. `npm run test:monitoring` asks the real one.
 */
export const EXPORTER_METRICS: Readonly<Record<string, ExporterMetric>> = {
  redis_start_time_seconds: { by: 'every server', source: 'exporter.go: uptime_in_seconds' },
  redis_up: { by: 'every server', source: 'exporter.go' },
  redis_instance_info: { by: 'every server', source: 'exporter.go: role, run_id …' },
  redis_connected_clients: { by: 'every server', source: 'exporter.go: connected_clients' },
  redis_blocked_clients: { by: 'every server', source: 'exporter.go: blocked_clients' },
  redis_memory_used_bytes: { by: 'redis', source: 'exporter.go: used_memory' },
  redis_memory_max_bytes: { by: 'redis', source: 'exporter.go: maxmemory' },
  redis_aof_last_write_status: { by: 'redis', source: 'exporter.go: aof_last_write_status' },
  redis_aof_last_bgrewrite_status: { by: 'redis', source: 'exporter.go: aof_last_bgrewrite_status' },
  redis_aof_current_size_bytes: { by: 'redis', source: 'exporter.go: aof_current_size' },
  redis_connected_slaves: { by: 'redis', source: 'exporter.go: connected_slaves' },
  redis_connected_slave_lag_seconds: { by: 'primary', source: 'exporter.go: slave_ip, slave_port, slave_state' },
  redis_connected_slave_offset_bytes: { by: 'primary', source: 'exporter.go: slave_ip, slave_port, slave_state' },
  redis_master_repl_offset: { by: 'redis', source: 'exporter.go: master_repl_offset' },
  redis_master_link_up: { by: 'replica', source: 'exporter.go: master_host, master_port' },
  redis_replica_resyncs_full: { by: 'every server', source: 'exporter.go: sync_full' },
  redis_commands_processed_total: { by: 'every server', source: 'exporter.go: total_commands_processed' },
  redis_rejected_connections_total: { by: 'every server', source: 'exporter.go: rejected_connections' },
  redis_evicted_keys_total: { by: 'every server', source: 'exporter.go: evicted_keys' },
  redis_sentinel_tilt: { by: 'sentinel', source: 'sentinels.go' },
  redis_sentinel_master_status: { by: 'sentinel', source: 'sentinels.go: master_name, master_address, master_status' },
  redis_sentinel_master_slaves: { by: 'sentinel', source: 'sentinels.go' },
  redis_sentinel_master_ok_slaves: { by: 'sentinel', source: 'sentinels.go' },
  redis_sentinel_master_config_epoch: { by: 'sentinel', source: 'sentinels.go, since 1.80.2' },
  redis_sentinel_master_sentinels: { by: 'sentinel', source: 'sentinels.go' },
  redis_sentinel_master_ok_sentinels: { by: 'sentinel', source: 'sentinels.go' },
  redis_sentinel_master_ckquorum_status: { by: 'sentinel', source: 'sentinels.go' }
}

/** Prometheus's own: one for each target, with the labels of that. */
export const PROMETHEUS_METRICS: readonly string[] = ['up']

/** The kubelet's own, with where its source (github.com/kubernetes/kubernetes) makes them. They have the labels namespace and persistentvolumeclaim. */
export const KUBELET_METRICS: Readonly<Record<string, string>> = {
  kubelet_volume_stats_available_bytes: 'pkg/kubelet/metrics/collectors/volume_stats.go',
  kubelet_volume_stats_capacity_bytes: 'pkg/kubelet/metrics/collectors/volume_stats.go'
}
