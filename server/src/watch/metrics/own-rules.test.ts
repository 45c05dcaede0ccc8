import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readConfigOrFail } from '../../config/read.ts'
import { exec } from '../../drivers/host/exec.ts'
import { ownRulesYaml } from './own-rules.ts'

const edge = (code: string) => `http_requests_total{job="edge",app="shop",code="${code}"}`
const slow = (each: string) => ({
  'http_request_duration_seconds_bucket{job="edge",app="shop",le="1"}': '0x60',
  'http_request_duration_seconds_bucket{job="edge",app="shop",le="10"}': each,
  'http_request_duration_seconds_bucket{job="edge",app="shop",le="+Inf"}': each,
})

test('a share of requests fires where there are requests enough, and not for one of an app that is hardly visited', async t => {
  const [errors, p95] = ['errors > 2%', 'p95 > 2s']
  const alerts = `["${errors} for 1m", "${p95} for 1m"]`
  const { alerts: own } = readConfigOrFail(
    `name: shop\nservices: { web: { start: node a.js } }\nalerts: ${alerts}`,
  )
  const folder = await mkdtemp(join(tmpdir(), 'inn-own-rules-'))
  t.after(() => rm(folder, { recursive: true }))
  // promtool compares annotations, too, and these say numbers.
  const bare = JSON.parse(ownRulesYaml('shop', own)) as {
    groups: [{ rules: Array<{ annotations?: object }> }]
  }
  for (const rule of bare.groups[0].rules) delete rule.annotations
  await writeFile(join(folder, 'rules.yml'), JSON.stringify(bare))
  const at = (alertname: string, series: Record<string, string>, fires: boolean) => ({
    interval: '1m',
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    alert_rule_test: [
      {
        eval_time: '12m',
        alertname,
        exp_alerts: fires ? [{ exp_labels: { app: 'shop', severity: 'warning' } }] : [],
      },
    ],
  })
  const tests = [
    at('ErrorsOver2Percent', { [edge('2xx')]: '0+2x60', [edge('5xx')]: '0x10 1x50' }, false),
    at('ErrorsOver2Percent', { [edge('2xx')]: '0+2x60', [edge('5xx')]: '0+1x60' }, true),
    at('P95Over2s', { [edge('2xx')]: '0+1x60', ...slow('0+1x60') }, false),
    at('P95Over2s', { [edge('2xx')]: '0+9x60', ...slow('0+9x60') }, true),
  ]
  const file = join(folder, 'tests.yml')
  await writeFile(file, JSON.stringify({ rule_files: ['rules.yml'], tests }))
  const done = await exec({ argv: ['/usr/bin/promtool', 'test', 'rules', file], timeoutMs: 60_000 })
  assert.equal(done.code, 0, done.stdout + done.tail)
})
