import { stringify } from 'yaml'
import type { Cluster, Listening } from '../../watch/metrics/ports.ts'

export interface ConfWanted {
  ports: Listening
  /** The keeper's port on loopback. */
  api: number
  /** The file with the token by which Prometheus is known to the keeper. */
  token: string
  clusters: readonly Cluster[]
  /** Of Prometheus; null: unknown. */
  major: number | null
}

/** How often everything is asked. Windows of rules and charts hold four of these at least. */
export const INTERVAL_SECONDS = 15

/** Series that one target of a job may have. What has more is not taken at all, and an alarm says so. */
export const LIMITS = {
  keeper: 20_000,
  edge: 25_000,
  node: 3_000,
  postgres: 20_000,
  redis: 1_000,
  app: 2_000,
  prometheus: 100,
  watchdog: 1,
}

/** What Prometheus says of itself is some 700 series, of which these are looked at. */
const OF_ITSELF =
  'process_(cpu_seconds_total|resident_memory_bytes|open_fds)|prometheus_(config_last_reload_successful|notifications_dropped_total|rule_evaluation_failures_total|tsdb_(head_series|storage_blocks_bytes|wal_storage_size_bytes))'

const at = (port: number): string => `127.0.0.1:${port}`

/** prometheus.yml. Paths in it are relative to its own folder. */
export function renderConf({ ports, api, token, clusters, major }: ConfWanted): string {
  const authorization = { type: 'Bearer', credentials_file: token }
  // From 3 on a wrong content type takes this; before, Prometheus takes text for text, and refuses the key.
  const lenient = (major ?? 0) >= 3 ? { fallback_scrape_protocol: 'PrometheusText0.0.4' } : {}
  const one = (port: number) => [{ targets: [at(port)] }]
  const job = (name: keyof typeof LIMITS, more: object) => ({
    job_name: name,
    sample_limit: LIMITS[name],
    label_limit: 30,
    label_value_length_limit: 200,
    ...more,
  })
  return stringify({
    global: { scrape_interval: `${INTERVAL_SECONDS}s`, scrape_timeout: '10s', evaluation_interval: '15s' },
    rule_files: ['rules/*.yml'],
    alerting: {
      alertmanagers: [{ authorization, api_version: 'v2', static_configs: one(api) }],
    },
    scrape_configs: [
      job('keeper', {
        metrics_path: '/api/metrics',
        authorization,
        honor_labels: true,
        static_configs: one(api),
      }),
      job('edge', {
        metrics_path: '/api/metrics/edge',
        authorization,
        honor_labels: true,
        static_configs: one(api),
      }),
      job('node', { static_configs: one(ports.node) }),
      job('postgres', {
        static_configs: clusters.length === 0 ? [] : one(ports.postgres),
        metric_relabel_configs: clusters.map(({ app, port }) => ({
          source_labels: ['server'],
          regex: at(port),
          target_label: 'app',
          replacement: app,
        })),
      }),
      job('prometheus', {
        static_configs: one(ports.prometheus),
        metric_relabel_configs: [{ source_labels: ['__name__'], regex: OF_ITSELF, action: 'keep' }],
      }),
      // A call that is no scrape: what it answers is not looked at.
      job('watchdog', {
        scrape_interval: '1m',
        body_size_limit: '64KB',
        file_sd_configs: [{ files: ['targets/watchdog.json'] }],
        relabel_configs: [{ target_label: 'instance', replacement: 'watchdog' }],
        metric_relabel_configs: [{ source_labels: ['__name__'], regex: '.*', action: 'drop' }],
      }),
      job('redis', {
        metrics_path: '/scrape',
        file_sd_configs: [{ files: ['targets/redis.json'] }],
        relabel_configs: [
          { source_labels: ['__address__'], target_label: '__param_target' },
          { target_label: '__address__', replacement: at(ports.redis) },
        ],
      }),
      appJob(job('app', { ...lenient, file_sd_configs: [{ files: ['targets/apps.json'] }] })),
      appJob(
        job('app', {
          job_name: 'app-json',
          metrics_path: '/api/metrics/app',
          authorization,
          file_sd_configs: [{ files: ['targets/apps-json.json'] }],
          relabel_configs: [
            { source_labels: ['instance'], target_label: '__param_instance' },
            { source_labels: ['app'], target_label: '__param_app' },
            { target_label: '__address__', replacement: at(api) },
          ],
        }),
      ),
    ],
  })
}

/** What an app says of itself never takes the place of what Prometheus knows of it. */
const appJob = (job: object): object => ({
  ...job,
  honor_timestamps: false,
  metric_relabel_configs: [{ source_labels: ['__name__'], regex: 'up|scrape_.*|ALERTS.*', action: 'drop' }],
})
