import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { exec } from '../../drivers/host/exec.ts'
import { GROUPS, rulesYaml } from './rules.ts'

type Series = Record<string, string>

interface Case {
  /** Series, in the notation of promtool, a value each minute. */
  good: Series
  warning?: Series
  critical?: Series
  /** Labels that the alert has. */
  labels: Record<string, string>
  minutes?: number
}

const edge = (code: string) => `http_requests_total{job="edge",app="shop",code="${code}"}`
const bucket = (le: string) => `http_request_duration_seconds_bucket{job="edge",app="shop",le="${le}"}`
const slow = (quick: number, half: number, two: number) => ({
  [edge('2xx')]: '0+100x200',
  [bucket('0.25')]: `0+${quick}x200`,
  [bucket('1')]: `0+${half}x200`,
  [bucket('2.5')]: `0+${two}x200`,
  [bucket('10')]: '0+100x200',
  [bucket('+Inf')]: '0+100x200',
})
const errors = (bad: number) => ({ [edge('2xx')]: `0+${1000 - bad}x200`, [edge('5xx')]: `0+${bad}x200` })
const INSTANCE = 'job="keeper",app="shop",instance="api.blue.1"'
const OF_INSTANCE = { job: 'keeper', app: 'shop', instance: 'api.blue.1' }
const one = (series: string) => (value: number | string) => ({
  [series]: typeof value === 'number' ? `${value}x400` : value,
})
const memory = (share: number) => ({
  [`process_resident_memory_bytes{${INSTANCE}}`]: `${share}x400`,
  [`innkeeper_instance_memory_limit_bytes{${INSTANCE}}`]: '100x400',
})
const connections = (taken: number) => ({
  'pg_stat_activity_count{job="postgres",app="shop",state="idle"}': `${taken - 10}x400`,
  'pg_stat_activity_count{job="postgres",app="shop",state="active"}': '10x400',
  'pg_settings_max_connections{job="postgres",app="shop"}': '100x400',
})
const database = (bytes: number) => ({
  'innkeeper_database_bytes{job="keeper",app="shop"}': `${bytes}x400`,
  'innkeeper_database_quota_bytes{job="keeper",app="shop"}': '100x400',
})
const redis = (used: number, most = 100) => ({
  'redis_memory_used_bytes{job="redis",app="shop"}': `${used}x400`,
  'redis_memory_max_bytes{job="redis",app="shop"}': `${most}x400`,
})
const certificate = (left: number) => ({
  'innkeeper_certificate_not_after_timestamp_seconds{job="keeper",app="shop"}': `${7200 + left}x400`,
  'innkeeper_certificate_not_before_timestamp_seconds{job="keeper",app="shop"}': `${7200 + left - 100_000}x400`,
})
const idle = (share: number) => ({
  'node_cpu_seconds_total{job="node",cpu="0",mode="idle"}': `0+${share * 60}x400`,
  'node_cpu_seconds_total{job="node",cpu="0",mode="user"}': `0+${(1 - share) * 60}x400`,
})
const available = (bytes: number) => ({
  'node_memory_MemAvailable_bytes{job="node"}': `${bytes}x400`,
  'node_memory_MemTotal_bytes{job="node"}': '100x400',
})
const disk = (left: string) => ({
  'node_filesystem_avail_bytes{job="node",mountpoint="/"}': left,
  'node_filesystem_size_bytes{job="node",mountpoint="/"}': '10000x800',
})
const OF_DISK = { job: 'node', mountpoint: '/' }
const series = (count: number, up: number) => ({
  'scrape_samples_scraped{job="app",app="shop",instance="api.blue.1"}': `${count}x400`,
  'up{job="app",app="shop",instance="api.blue.1"}': `${up}x400`,
})
const up = one('up{job="app",app="shop",instance="api.blue.1"}')
const restarts = one(`innkeeper_instance_restarts_total{${INSTANCE}}`)

/** For each alert what stays below it, and what fires as a warning and as critical. */
const CASES: Record<string, Case> = {
  AppErrors: { good: errors(5), warning: errors(20), critical: errors(80), labels: { app: 'shop' } },
  AppSlow: {
    good: slow(99, 100, 100),
    warning: slow(80, 99, 100),
    critical: slow(10, 20, 50),
    labels: { app: 'shop' },
  },
  SocketsLost: {
    good: one(edge('1xx'))('0+5x200'),
    warning: one(edge('1xx'))('0+20x200'),
    critical: one(edge('1xx'))('0+80x200'),
    labels: { app: 'shop' },
  },
  InstanceDown: {
    good: one(`innkeeper_instance_ready{${INSTANCE}}`)(1),
    warning: one(`innkeeper_instance_ready{${INSTANCE}}`)(0),
    labels: OF_INSTANCE,
  },
  InstanceRestarts: {
    good: restarts(7),
    warning: restarts('0+0.3x400'),
    critical: restarts('0+1x400'),
    labels: OF_INSTANCE,
  },
  InstanceMemory: { good: memory(70), warning: memory(85), critical: memory(95), labels: OF_INSTANCE },
  DatabaseConnections: {
    good: connections(70),
    warning: connections(85),
    critical: connections(97),
    labels: { app: 'shop' },
  },
  DatabaseQuota: {
    good: database(70),
    warning: database(85),
    critical: database(95),
    labels: { job: 'keeper', app: 'shop' },
  },
  RedisMemory: {
    good: redis(50),
    warning: redis(85),
    critical: redis(97),
    labels: { job: 'redis', app: 'shop' },
  },
  CertificateEnds: {
    good: certificate(30_000),
    warning: certificate(10_000),
    critical: certificate(1_000),
    labels: { job: 'keeper', app: 'shop' },
    minutes: 75,
  },
  HostCpu: { good: idle(0.5), warning: idle(0.1), critical: idle(0.02), labels: {} },
  HostMemory: {
    good: available(50),
    warning: available(15),
    critical: available(5),
    labels: { job: 'node' },
  },
  DiskSpace: {
    good: disk('5000x800'),
    warning: disk('1500x800'),
    critical: disk('500x800'),
    labels: OF_DISK,
  },
  DiskFills: {
    good: disk('4000x800'),
    warning: disk('4500-2x800'),
    labels: OF_DISK,
    minutes: 75,
  },
  MetricsLost: { good: up(1), warning: up(0), labels: { job: 'app', app: 'shop', instance: 'api.blue.1' } },
  TooManySeries: {
    good: series(1999, 0),
    warning: series(2001, 0),
    labels: { job: 'app', app: 'shop', instance: 'api.blue.1' },
  },
  RoutesUncounted: {
    good: one('innkeeper_edge_uncounted_total{job="edge"}')(7),
    warning: one('innkeeper_edge_uncounted_total{job="edge"}')('0+1x400'),
    labels: {},
  },
  KeeperSilent: {
    good: one('up{job="keeper"}')(1),
    critical: one('up{job="keeper"}')(0),
    labels: { job: 'keeper' },
  },
  ExporterSilent: {
    good: one('up{job="redis"}')(1),
    warning: one('up{job="redis"}')(0),
    labels: { job: 'redis' },
  },
  RulesRefused: {
    good: one('prometheus_config_last_reload_successful{job="prometheus"}')(1),
    critical: one('prometheus_config_last_reload_successful{job="prometheus"}')(0),
    labels: { job: 'prometheus' },
  },
}

/** The labels of an alert of `RoutesUncounted` are those of its series. */
const labelsOf = (alert: string, labels: Record<string, string>) =>
  alert === 'RoutesUncounted' ? { job: 'edge' } : labels

/** Which of its severities a rule must fire with on such series: what is critical is a warning, too. */
function expected(alert: string, level: 'good' | 'warning' | 'critical'): string[] {
  const has = GROUPS.flatMap(group => group.rules.filter(rule => rule.alert === alert)).map(
    rule => rule.severity,
  )
  if (level === 'good') return []
  return level === 'critical' ? has : has.filter(severity => severity === 'warning')
}

const checks = Object.entries(CASES).flatMap(([alert, { labels, minutes = 30, ...levels }]) =>
  Object.entries(levels).map(([level, input]) => ({
    interval: '1m',
    name: `${alert} ${level}`,
    input_series: Object.entries(input).map(([name, values]) => ({ series: name, values })),
    alert_rule_test: [
      {
        eval_time: `${minutes}m`,
        alertname: alert,
        exp_alerts: expected(alert, level as 'good').map(severity => ({
          exp_labels: { ...labelsOf(alert, labels), severity },
        })),
      },
    ],
  })),
)

test('every rule fires on what it is for with the severities that it says, and not below it (promtool test rules)', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'inn-rules-'))
  t.after(() => rm(folder, { recursive: true }))
  // promtool compares annotations, too; what they say is read by the test below.
  const bare = JSON.parse(rulesYaml()) as { groups: Array<{ rules: Array<{ annotations?: object }> }> }
  for (const group of bare.groups) for (const rule of group.rules) delete rule.annotations
  await writeFile(join(folder, 'rules.yml'), JSON.stringify(bare))
  await writeFile(
    join(folder, 'test.yml'),
    JSON.stringify({ rule_files: ['rules.yml'], evaluation_interval: '1m', tests: checks }),
  )
  const done = await exec({
    argv: ['/usr/bin/promtool', 'test', 'rules', join(folder, 'test.yml')],
    timeoutMs: 60_000,
  })
  assert.equal(done.code, 0, done.stdout + done.tail)
  const names = new Set(GROUPS.flatMap(group => group.rules.map(rule => rule.alert)))
  assert.deepEqual([...names].sort(), Object.keys(CASES).sort(), 'each rule has its case')
})

test('every rule says what it means, and what to look at', () => {
  for (const { alert, summary, look } of GROUPS.flatMap(group => group.rules)) {
    assert.ok(summary.length > 10 && look.length > 10, alert)
    assert.doesNotMatch(summary, /\.$/, alert)
  }
})

test('promtool takes the rules as they are written', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'inn-rules-'))
  t.after(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'rules.yml'), rulesYaml())
  const argv = ['/usr/bin/promtool', 'check', 'rules', join(folder, 'rules.yml')]
  const done = await exec({ argv, timeoutMs: 20_000 })
  assert.equal(done.code, 0, done.tail)
})
