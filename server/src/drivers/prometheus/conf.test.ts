import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import { renderConf } from './conf.ts'
import { collectorsIn, keptBytes, majorIn, services } from './services.ts'

const PORTS = { prometheus: 1, node: 2, postgres: 3, redis: 4 }
const conf = (more: object = {}) =>
  parse(renderConf({ ports: PORTS, api: 5, token: '/h/token', clusters: [], major: 2, ...more })) as {
    scrape_configs: Array<Record<string, unknown> & { job_name: string }>
  }
const job = (name: string, more?: object) => conf(more).scrape_configs.find(one => one.job_name === name)!

test('every job has a bound of series, and nothing is asked beyond loopback', () => {
  for (const one of conf({ clusters: [{ app: 'shop', port: 9 }] }).scrape_configs)
    assert.ok(Number(one['sample_limit']) > 0, one.job_name)
  const targets = [...JSON.stringify(conf()).matchAll(/"([\d.]+):\d+"/g)].map(([, host]) => host)
  assert.deepEqual([...new Set(targets)], ['127.0.0.1'])
})

test('figures of a cluster have the name of its app, and without a cluster nobody is asked for any', () => {
  assert.deepEqual(job('postgres')['static_configs'], [])
  const { metric_relabel_configs: relabel, static_configs: asked } = job('postgres', {
    clusters: [{ app: 'shop', port: 29_001 }],
  })
  assert.deepEqual(asked, [{ targets: ['127.0.0.1:3'] }])
  assert.deepEqual(relabel, [
    { source_labels: ['server'], regex: '127.0.0.1:29001', target_label: 'app', replacement: 'shop' },
  ])
})

test('a wrong content type is taken by each version in its own way', () => {
  assert.equal(job('app')['fallback_scrape_protocol'], undefined)
  assert.equal(job('app', { major: null })['fallback_scrape_protocol'], undefined)
  assert.equal(job('app', { major: 3 })['fallback_scrape_protocol'], 'PrometheusText0.0.4')
  assert.equal(majorIn('prometheus, version 2.42.0+ds (branch: debian/sid, …)'), 2)
  assert.equal(majorIn('prometheus, version 3.5.0 (branch: HEAD)'), 3)
  assert.equal(majorIn('?'), null)
})

test('what is kept has a bound that a small disk makes smaller', () => {
  assert.equal(keptBytes(1_000_000_000_000), 3_000_000_000)
  assert.equal(keptBytes(20_000_000_000), 1_000_000_000)
})

test('collectors of an exporter are left out by the names that its version has', () => {
  assert.deepEqual(
    collectorsIn('      --collector.database       Enable\n      --collector.bgwriter       Enable\n'),
    ['database', 'bgwriter'],
  )
  assert.deepEqual(
    collectorsIn('--[no-]collector.stat_bgwriter  Enable\n--collector.stat_statements.limit=100 x\n'),
    ['stat_bgwriter'],
  )
})

test('no password is among arguments, and without a cluster its exporter is not started', () => {
  const wanted = {
    ...{ folder: '/h/metrics', logs: '/h/log', ports: PORTS, bytes: 1, user: null },
    ...{ redisPassword: 'hidden', collectors: ['database'] },
  }
  const all = services({ ...wanted, clusters: [{ app: 'shop', port: 9 }] })
  assert.doesNotMatch(JSON.stringify(all.map(({ argv }) => argv)), /hidden/)
  assert.equal(all.find(({ name }) => name === 'redis-exporter')!.env['REDIS_PASSWORD'], 'hidden')
  assert.ok(all.find(({ name }) => name === 'postgres-exporter')!.argv.includes('--no-collector.database'))
  assert.deepEqual(
    services({ ...wanted, clusters: [] }).map(({ name }) => name),
    ['prometheus', 'node-exporter', 'redis-exporter'],
  )
})
