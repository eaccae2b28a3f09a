/**
 * The parameters of PostgreSQL that CloudNativePG keeps to itself; its webhook refuses a cluster that sets one.
 *
 * @see https://cloudnative-pg.io/documentation/current/postgresql_conf/
 */
const OPERATOR_PARAMETERS: readonly RegExp[] = [
  /^allow_(alter_system|system_table_mods)$/,
  /^archive_(cleanup_command|command|mode)$/,
  /^bonjour(_name)?$/,
  /^(config|hba|ident|external_pid)_file$/,
  /^(cluster_name|data_directory|data_sync_retry|event_source|jit_provider)$/,
  /^(hot_standby|listen_addresses|port|restart_after_crash|restore_command)$/,
  /^log_(destination|directory|file_mode|filename|rotation_age|rotation_size|truncate_on_rotation)$/,
  /^logging_collector$/,
  /^pg_failover_slots\.(primary_dsn|standby_slot_names)$/,
  /^primary_(conninfo|slot_name)$/,
  /^promote_trigger_file$/,
  /^recovery_(end_command|min_apply_delay|target.*)$/,
  /^shared_preload_libraries$/,
  /^ssl(_(ca|cert|crl|key|dh_params)_file|_ecdh_curve|_passphrase_command.*|_prefer_server_ciphers)?$/,
  /^(stats_temp_directory|temp_tablespaces)$/,
  /^synchron(ous_standby_names|ized_standby_slots)$/,
  /^syslog_(facility|ident|sequence_numbers|split_messages)$/,
  /^unix_socket_(directories|group|permissions)$/,
];

/** True for a parameter that only the operator may set. */
export function isOperatorParameter(name: string): boolean {
  return OPERATOR_PARAMETERS.some((pattern) => pattern.test(name));
}
