/**
 * Metrics of redis_exporter that alerts and the dashboard ask for, with where its source (github.com/oliver006/redis_exporter,
 * exporter/) makes them. A name that is not here is a typing error, or has to be looked up there first.
 */
export const EXPORTER_METRICS: Readonly<Record<string, string>> = {
  redis_up: 'exporter.go',
  redis_instance_info: 'exporter.go: role, run_id …',
  redis_connected_clients: 'exporter.go: connected_clients',
  redis_blocked_clients: 'exporter.go: blocked_clients',
  redis_memory_used_bytes: 'exporter.go: used_memory',
  redis_memory_max_bytes: 'exporter.go: maxmemory',
  redis_aof_last_write_status: 'exporter.go: aof_last_write_status',
  redis_aof_last_bgrewrite_status: 'exporter.go: aof_last_bgrewrite_status',
  redis_aof_current_size_bytes: 'exporter.go: aof_current_size',
  redis_connected_slaves: 'exporter.go: connected_slaves',
  redis_connected_slave_offset_bytes: 'exporter.go: slave_ip, slave_port, slave_state',
  redis_master_repl_offset: 'exporter.go: master_repl_offset',
  redis_master_link_up: 'exporter.go: master_host, master_port',
  redis_replica_resyncs_full: 'exporter.go: sync_full',
  redis_commands_processed_total: 'exporter.go: total_commands_processed',
  redis_rejected_connections_total: 'exporter.go: rejected_connections',
  redis_evicted_keys_total: 'exporter.go: evicted_keys',
  redis_sentinel_tilt: 'sentinels.go',
  redis_sentinel_master_status: 'sentinels.go: master_name, master_address, master_status',
  redis_sentinel_master_slaves: 'sentinels.go',
  redis_sentinel_master_ok_slaves: 'sentinels.go',
  redis_sentinel_master_config_epoch: 'sentinels.go',
  redis_sentinel_master_ckquorum_status: 'sentinels.go'
}

/** The kubelet's own, with where its source (github.com/kubernetes/kubernetes) makes them. They have the labels namespace and persistentvolumeclaim. */
export const KUBELET_METRICS: Readonly<Record<string, string>> = {
  kubelet_volume_stats_available_bytes: 'pkg/kubelet/metrics/collectors/volume_stats.go',
  kubelet_volume_stats_capacity_bytes: 'pkg/kubelet/metrics/collectors/volume_stats.go'
}
