import { join } from 'node:path'
import type { ServiceSpec } from '../../servers/supervisor/supervisor.ts'
import type { Cluster, Listening } from '../../watch/metrics/ports.ts'
import { SYSTEM_PATH } from '../host/exec.ts'

/** What measures, by the name of its service and its program, each of a Debian package. */
export const PROGRAMS = {
  prometheus: '/usr/bin/prometheus',
  'node-exporter': '/usr/bin/prometheus-node-exporter',
  'postgres-exporter': '/usr/bin/prometheus-postgres-exporter',
  'redis-exporter': '/usr/bin/prometheus-redis-exporter',
} as const
export type Program = keyof typeof PROGRAMS

/** Kept for so long, and never more than so many bytes, whichever is less. */
export const KEPT = '90d'
const MOST_BYTES = 3_000_000_000
/** Of the whole disk. */
const MOST_SHARE = 0.05

export const keptBytes = (diskBytes: number): number =>
  Math.min(MOST_BYTES, Math.floor(diskBytes * MOST_SHARE))

export interface ServicesWanted {
  /** The folder with its files, and the one with the logs of the home. */
  folder: string
  logs: string
  ports: Listening
  /** Bytes that the series may take on the disk. */
  bytes: number
  /** The user that they run as; null: the keeper's own, which is not root. */
  user: string | null
  clusters: readonly Cluster[]
  redisPassword: string
  /** What the exporter of PostgreSQL calls its own collectors, which differ from version to version. */
  collectors: readonly string[]
}

/** The role of PostgreSQL and the user of Redis that may look at figures, and at nothing of an app's. */
export const MONITOR = 'innkeeper_monitor'

const COLLECTORS =
  'cpu diskstats filefd filesystem loadavg meminfo netdev pressure stat time uname vmstat'.split(' ')
const NO_DISKS = '^(loop|ram|fd|sr)\\d+$'
const NO_MOUNTS = '^/(dev|proc|sys|run)($|/)|/(sv|tmp|mnt)($|/)'
const NO_FILESYSTEMS =
  '^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|squashfs|sysfs|tmpfs|tracefs)$'

/** Small heaps on purpose: the machine's memory belongs to the apps. */
const SMALL = { GOGC: '50', GOMEMLIMIT: '40MiB', GOMAXPROCS: '1' }

export function services(wanted: ServicesWanted): ServiceSpec[] {
  const { folder, ports } = wanted
  const at = (port: number) => `127.0.0.1:${port}`
  const spec = (name: Program, args: string[], env: Record<string, string>): ServiceSpec => ({
    name,
    argv: [PROGRAMS[name], ...args],
    cwd: '/',
    env: { PATH: SYSTEM_PATH, LANG: 'C.UTF-8', ...env },
    user: wanted.user,
    log: join(wanted.logs, name),
    tag: '-',
    graceSeconds: 20,
  })
  return [
    spec(
      'prometheus',
      [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--storage.tsdb.retention.time=${KEPT}`,
        `--storage.tsdb.retention.size=${wanted.bytes}B`,
        `--web.listen-address=${at(ports.prometheus)}`,
        '--web.max-connections=64',
        '--query.max-samples=2000000',
        '--query.max-concurrency=4',
        '--query.timeout=20s',
        '--log.level=warn',
      ],
      { GOGC: '75', GOMEMLIMIT: '200MiB' },
    ),
    spec(
      'node-exporter',
      [
        `--web.listen-address=${at(ports.node)}`,
        '--web.disable-exporter-metrics',
        '--log.level=warn',
        '--collector.disable-defaults',
        ...COLLECTORS.map(name => `--collector.${name}`),
        `--collector.diskstats.device-exclude=${NO_DISKS}`,
        `--collector.filesystem.mount-points-exclude=${NO_MOUNTS}`,
        `--collector.filesystem.fs-types-exclude=${NO_FILESYSTEMS}`,
      ],
      SMALL,
    ),
    // Without a server to ask it does not start.
    ...(wanted.clusters.length === 0 ? [] : [postgresExporter(spec, wanted)]),
    spec(
      'redis-exporter',
      // CONFIG would show the app's password; what the server itself is, is measured by the others.
      [`-web.listen-address=${at(ports.redis)}`, '-redis.addr=', '-config-command=-', '-redis-only-metrics'],
      { ...SMALL, REDIS_USER: MONITOR, REDIS_PASSWORD: wanted.redisPassword },
    ),
  ]
}

/** Asked for several servers, its collectors of version 0.11 fail each other, so that queries of ours stand in for them. */
function postgresExporter(
  spec: (name: Program, args: string[], env: Record<string, string>) => ServiceSpec,
  { folder, ports, clusters, collectors }: ServicesWanted,
): ServiceSpec {
  const args = [
    `--web.listen-address=127.0.0.1:${ports.postgres}`,
    ...collectors.map(name => `--no-collector.${name}`),
    '--disable-settings-metrics',
    `--extend.query-path=${join(folder, 'queries.yml')}`,
    '--log.level=error',
  ]
  // Its password is in a file of its user, never among the arguments.
  const names = clusters.map(
    ({ port }) =>
      `postgresql://${MONITOR}@127.0.0.1:${port}/postgres?sslmode=disable&connect_timeout=3&application_name=metrics`,
  )
  return spec('postgres-exporter', args, {
    ...SMALL,
    DATA_SOURCE_NAME: names.join(','),
    PGPASSFILE: join(folder, 'pgpass'),
  })
}

/** What its own collectors would say of sizes and of the writer, and how full the connections are. */
export const QUERIES = {
  pg_database: {
    query:
      'select datname, pg_catalog.pg_database_size(oid) as size_bytes from pg_catalog.pg_database where datallowconn and not datistemplate',
    metrics: [
      { datname: { usage: 'LABEL', description: 'Name of the database' } },
      { size_bytes: { usage: 'GAUGE', description: 'Size of the database' } },
    ],
  },
  pg_blocks: {
    query:
      'select datname, blks_hit::float8 as hit, blks_read::float8 as read from pg_catalog.pg_stat_database where datname is not null',
    metrics: [
      { datname: { usage: 'LABEL', description: 'Name of the database' } },
      { hit: { usage: 'COUNTER', description: 'Blocks that were found in memory' } },
      { read: { usage: 'COUNTER', description: 'Blocks that were asked of the disk' } },
    ],
  },
  pg_settings: {
    query: "select pg_catalog.current_setting('max_connections')::float8 as max_connections",
    metrics: [{ max_connections: { usage: 'GAUGE', description: 'The most connections at once' } }],
  },
}

/** The collectors that the help of an exporter names. */
export const collectorsIn = (help: string): string[] => [
  ...new Set([...help.matchAll(/--(?:\[no-\])?collector\.([a-z_]+)(?![\w.-])/g)].map(([, name]) => name!)),
]

/** The major version in what `prometheus --version` prints; null: it says none. */
export const majorIn = (text: string): number | null => Number(/version (\d+)\./.exec(text)?.[1]) || null
