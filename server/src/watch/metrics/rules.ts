/** A rule that every home has. Where `for` passed and the expression still has an answer, the alert fires for each series of it. */
export interface Rule {
  alert: string
  severity: 'warning' | 'critical'
  expr: string
  for: string
  /** What it means, in one sentence; Prometheus fills in `{{ … }}`. */
  summary: string
  /** What to look at. */
  look: string
}

interface Steps {
  alert: string
  /** The expression; `@` stands for the threshold. */
  expr: string
  warning?: readonly [threshold: number, lasting: string]
  critical?: readonly [threshold: number, lasting: string]
  summary: string
  look: string
}

const EDGE = 'http_requests_total{job="edge"}'
const edge = (code: string): string => `http_requests_total{job="edge",code="${code}"}`
const perApp = (series: string, by = 'app'): string => `sum by (${by}) (rate(${series}[5m]))`
const PERCENT = '{{ $value | humanizePercentage }}'
const APP = '{{ $labels.app }}'

/** Windows hold four scrapes at least; a share says something only where there is more than a handful. */
const APPS: Steps[] = [
  {
    alert: 'AppErrors',
    expr: `${perApp(edge('5xx'))} / ${perApp(EDGE)} > @ and sum by (app) (increase(${edge('5xx')}[5m])) > 2`,
    warning: [0.01, '5m'],
    critical: [0.05, '2m'],
    summary: `${APP} answers ${PERCENT} of its requests with an error (5xx)`,
    look: '`inn logs APP --level error`; `inn history APP` shows what changed last; `inn rollback APP` goes back',
  },
  {
    alert: 'AppSlow',
    expr: `histogram_quantile(0.95, ${perApp('http_request_duration_seconds_bucket{job="edge"}', 'app, le')}) > @ and ${perApp(EDGE)} > 0.05`,
    warning: [0.5, '10m'],
    critical: [2, '5m'],
    summary: `one of twenty answers of ${APP} takes longer than {{ $value | humanizeDuration }}`,
    look: '`inn metrics APP` says which route, `inn db slow APP` which statements, `inn db locks APP` who waits for whom; then its processor, and what it waits for',
  },
  {
    alert: 'SocketsLost',
    expr: `sum by (app) (increase(${edge('1xx')}[5m])) / 5 > @`,
    warning: [10, '5m'],
    critical: [50, '5m'],
    summary: `${APP} loses {{ $value | humanize }} WebSockets a minute`,
    look: '`inn ps APP` shows restarts; `inn logs APP`; a proxy between visitors and server may end what is silent',
  },
  {
    alert: 'InstanceDown',
    expr: 'innkeeper_instance_ready{job="keeper"} == @',
    warning: [0, '2m'],
    summary: `{{ $labels.instance }} of ${APP} does not work`,
    look: '`inn ps APP`; `inn logs APP`',
  },
  {
    alert: 'InstanceRestarts',
    expr: 'increase(innkeeper_instance_restarts_total{job="keeper"}[15m]) > @',
    warning: [2, '0s'],
    critical: [9, '0s'],
    summary: `{{ $labels.instance }} of ${APP} was started again {{ $value | printf "%.0f" }} times in a quarter of an hour`,
    look: '`inn logs APP` shows how it ended',
  },
  {
    alert: 'InstanceMemory',
    expr: 'process_resident_memory_bytes{job="keeper"} / innkeeper_instance_memory_limit_bytes{job="keeper"} > @',
    warning: [0.8, '10m'],
    critical: [0.9, '5m'],
    summary: `{{ $labels.instance }} of ${APP} has ${PERCENT} of the memory that it may have`,
    look: '`inn metrics APP` shows whether it grows; above its limit it is replaced',
  },
]

const DATA: Steps[] = [
  {
    alert: 'DatabaseConnections',
    expr: 'sum by (app) (pg_stat_activity_count{job="postgres"}) / max by (app) (pg_settings_max_connections{job="postgres"}) > @',
    warning: [0.8, '5m'],
    critical: [0.95, '2m'],
    summary: `${PERCENT} of the connections of the database of ${APP} are taken`,
    look: '`connections:` of the database in innkeeper.yaml, and what keeps them: `inn db shell APP`, pg_stat_activity',
  },
  {
    alert: 'DatabaseQuota',
    expr: 'innkeeper_database_bytes{job="keeper"} / innkeeper_database_quota_bytes{job="keeper"} > @',
    warning: [0.8, '15m'],
    critical: [0.9, '15m'],
    summary: `the database of ${APP} has ${PERCENT} of the size that it may have`,
    look: '`inn metrics --forecast` says when it is full; `quota:` of the database in innkeeper.yaml',
  },
  {
    alert: 'RedisMemory',
    expr: 'redis_memory_used_bytes{job="redis"} / (redis_memory_max_bytes{job="redis"} > 0) > @',
    warning: [0.8, '10m'],
    critical: [0.95, '5m'],
    summary: `the Redis of ${APP} has ${PERCENT} of the memory that it may have`,
    look: 'what it keeps without an end: `redis-cli --bigkeys`',
  },
  {
    alert: 'CertificateEnds',
    expr: '(innkeeper_certificate_not_after_timestamp_seconds{job="keeper"} - time()) / (innkeeper_certificate_not_after_timestamp_seconds{job="keeper"} - innkeeper_certificate_not_before_timestamp_seconds{job="keeper"}) < @',
    warning: [0.2, '1h'],
    critical: [0.05, '5m'],
    summary: `the certificate of ${APP} was not renewed, and ${PERCENT} of its time are left`,
    look: '`inn certs show APP` says what the renewal waits for',
  },
]

const FILESYSTEM = (what: string): string => `node_filesystem_${what}_bytes{job="node"}`

const HOST: Steps[] = [
  {
    alert: 'HostCpu',
    expr: '1 - avg(rate(node_cpu_seconds_total{job="node",mode="idle"}[5m])) > @',
    warning: [0.8, '15m'],
    critical: [0.95, '15m'],
    summary: `${PERCENT} of the server's processors are busy`,
    look: '`inn ps` shows which app; builds count, too',
  },
  {
    alert: 'HostMemory',
    expr: '1 - node_memory_MemAvailable_bytes{job="node"} / node_memory_MemTotal_bytes{job="node"} > @',
    warning: [0.8, '10m'],
    critical: [0.9, '5m'],
    summary: `${PERCENT} of the server's memory are taken`,
    look: '`inn ps` shows which app; `memory:` of a service bounds it',
  },
  {
    alert: 'DiskSpace',
    expr: `${FILESYSTEM('avail')} / ${FILESYSTEM('size')} < @`,
    warning: [0.2, '15m'],
    critical: [0.1, '5m'],
    summary: `{{ $labels.mountpoint }} has ${PERCENT} of its space left`,
    look: '`inn status`; old releases and backups are what most often grows',
  },
  {
    alert: 'DiskFills',
    expr: `predict_linear(${FILESYSTEM('avail')}[6h], 3 * 86400) < @ and ${FILESYSTEM('avail')} / ${FILESYSTEM('size')} < 0.5`,
    warning: [0, '1h'],
    summary:
      '{{ $labels.mountpoint }} is full within three days, if it goes on filling as in the last six hours',
    look: '`inn status`; what was written lately: logs, uploads, a backup that failed half-way',
  },
]

const OWN: Steps[] = [
  {
    alert: 'MetricsLost',
    expr: 'up{job=~"app|app-json"} == @',
    warning: [0, '5m'],
    summary: `{{ $labels.instance }} of ${APP} does not give its own metrics`,
    look: '`metrics:` of the service in innkeeper.yaml: the path, and what it answers',
  },
  {
    alert: 'TooManySeries',
    expr: 'scrape_samples_scraped{job=~"app|app-json"} > @ and up{job=~"app|app-json"} == 0',
    warning: [2000, '1m'],
    summary: `{{ $labels.instance }} of ${APP} has {{ $value }} series, more than the 2000 that are taken, so that none of them is`,
    look: 'a label with a value for each user, path or id: leave it out in the app',
  },
  {
    alert: 'RoutesUncounted',
    expr: 'increase(innkeeper_edge_uncounted_total{job="edge"}[15m]) > @',
    warning: [0, '5m'],
    summary:
      'there are more routes than the edge counts apart: {{ $value | humanize }} requests of the others in a quarter of an hour',
    look: '`routes:` of the apps in innkeeper.yaml',
  },
  {
    alert: 'KeeperSilent',
    expr: 'up{job=~"keeper|edge"} == @',
    critical: [0, '2m'],
    summary: 'Prometheus gets no figures of the {{ $labels.job }}',
    look: '`inn status`; `inn logs keeper`; `inn logs edge`',
  },
  {
    alert: 'ExporterSilent',
    expr: 'up{job=~"node|postgres|redis"} == @',
    warning: [0, '5m'],
    summary: 'nothing is known of {{ $labels.job }}: its exporter does not answer',
    look: '`inn logs node-exporter`, `postgres-exporter` or `redis-exporter`',
  },
  {
    alert: 'RulesRefused',
    expr: 'prometheus_config_last_reload_successful{job="prometheus"} == @',
    critical: [0, '2m'],
    summary: 'Prometheus refused its configuration, and goes on with the one before',
    look: '`inn logs prometheus`',
  },
]

/** A step down to critical says what warning says with another number, so both are made from one. */
const both = ({ warning, critical, expr, ...rest }: Steps): Rule[] =>
  (
    [
      ['warning', warning],
      ['critical', critical],
    ] as const
  ).flatMap(([severity, step]) =>
    step === undefined
      ? []
      : [{ ...rest, severity, expr: expr.replaceAll('@', String(step[0])), for: step[1] }],
  )

export const GROUPS: ReadonlyArray<{ name: string; says: string; rules: readonly Rule[] }> = [
  { name: 'apps', says: 'Apps', rules: APPS.flatMap(both) },
  { name: 'data', says: 'Databases and certificates', rules: DATA.flatMap(both) },
  { name: 'server', says: 'The server', rules: HOST.flatMap(both) },
  { name: 'innkeeper', says: 'What watches', rules: OWN.flatMap(both) },
]

/** As Prometheus reads them. A value that is JSON is YAML, too. */
export const rulesYaml = (groups: ReadonlyArray<{ name: string; rules: readonly Rule[] }> = GROUPS): string =>
  `${JSON.stringify(
    {
      groups: groups.map(({ name, rules }) => ({
        name,
        rules: rules.map(({ alert, severity, expr, for: lasting, summary, look }) => ({
          alert,
          expr,
          for: lasting,
          labels: { severity },
          annotations: { summary, look },
        })),
      })),
    },
    null,
    1,
  )}\n`

/** The table of docs/alerts.md. */
export function rulesTable(): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|')
  const named = (text: string): string =>
    text
      .replace(/\{\{ \$value[^}]*\}\}/g, 'N')
      .replace(/\{\{ \$labels\.(\w+) \}\}/g, (_, name: string) => name.toUpperCase())
  return GROUPS.map(({ says, rules }) => {
    const rows = rules.map(
      ({ alert, severity, expr, for: lasting, summary, look }) =>
        `| \`${alert}\` | ${severity} | ${cell(named(summary))} | \`${cell(expr)}\` | ${lasting} | ${cell(look)} |`,
    )
    return [
      `### ${says}`,
      '',
      '| alert | severity | means | fires where | for | look at |',
      '|---|---|---|---|---|---|',
      ...rows,
    ].join('\n')
  }).join('\n\n')
}
