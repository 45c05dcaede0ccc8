import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkinVariable } from './probes.ts'
import { readConfig } from './read.ts'

const read = (more: string) =>
  readConfig(
    `name: a\nservices: { api: { start: node a }, job: { start: node b, worker: true } }\nroutes: { /: api }\n${more}`,
  )

test('a probe says one thing to ask, and what it does not say has a default', () => {
  const usual = { every: 60_000, timeout: 10_000, failures: 3, level: 'critical' }
  const cases: Array<[text: string, probe: object]> = [
    ['{ http: /health }', { http: '/health', ...usual }],
    [
      '{ http: https://example.com/x, status: 204, failures: 1 }',
      { http: 'https://example.com/x', status: 204, ...usual, failures: 1 },
    ],
    ['{ http: { from: WHERE }, level: warning }', { http: { from: 'WHERE' }, ...usual, level: 'warning' }],
    ['{ tcp: "mail.example.com:25", every: 5s }', { tcp: 'mail.example.com:25', ...usual, every: 5_000 }],
    ['{ tcp: "[::1]:25" }', { tcp: '[::1]:25', ...usual }],
    ['{ redis: redis://:x@h:1 }', { redis: 'redis://:x@h:1', ...usual }],
    ['{ command: node check.js --all }', { command: ['node', 'check.js', '--all'], ...usual }],
    ['{ certificate: "example.com:443", days: 30 }', { certificate: 'example.com:443', days: 30, ...usual }],
  ]
  for (const [text, probe] of cases) {
    const { config, problems } = read(`probes: { x: ${text} }`)
    assert.deepEqual(problems, [], text)
    assert.deepEqual(config!.probes['x'], probe, text)
  }
})

test('what a probe cannot mean is said with its reason', () => {
  const cases: Array<[text: string, path: string, why: RegExp]> = [
    ['{ }', 'probes.x', /says nothing to ask: write one of http, tcp/],
    ['{ http: /x, tcp: "a:1" }', 'probes.x.tcp', /one thing: take out http or this/],
    ['{ http: health }', 'probes.x.http', /write a path as in/],
    ['{ tcp: mail }', 'probes.x.tcp', /a host and a port/],
    ['{ tcp: "a:1", status: 200 }', 'probes.x.status', /goes with http/],
    ['{ tcp: "a:1", days: 3 }', 'probes.x.days', /goes with certificate/],
    ['{ postgres: true }', 'probes.x.postgres', /has no database: to ask/],
    ['{ redis: true }', 'probes.x.redis', /has no redis: to ask/],
    ['{ http: /x, each: apu }', 'probes.x.each', /did you mean api/],
    ['{ http: /x, each: job }', 'probes.x.each', /no instances that can be asked/],
    ['{ http: "http://a/x", each: api }', 'probes.x.each', /is for a path/],
    ['{ http: /x, every: 1s }', 'probes.x.every', /each 5s at the most/],
    ['{ http: /x, timeout: 2m }', 'probes.x.timeout', /100ms to 1m/],
  ]
  for (const [text, path, why] of cases) {
    const [problem] = read(`probes: { x: ${text} }`).problems
    assert.equal(problem?.path, path, text)
    assert.match(problem!.message, why, text)
  }
  const many = Array.from({ length: 51 }, (_, n) => `  p${n}: { tcp: "a:1" }`).join('\n')
  assert.match(read(`probes:\n${many}`).problems[0]!.message, /50 of them at most/)
})

test('a job is waited for by a duration or by cron, and nobody else gives its address', () => {
  const { config } = read('checkins: { nightly: { every: "0 2 * * *" }, mail: { every: 10m, grace: 5m } }')
  assert.deepEqual(config!.checkins, {
    nightly: { every: '0 2 * * *', grace: 3_600_000, level: 'critical' },
    mail: { every: 600_000, grace: 300_000, level: 'critical' },
  })
  assert.equal(checkinVariable('night-mail'), 'CHECKIN_NIGHT_MAIL_URL')
  const cases: Array<[text: string, path: string, why: RegExp]> = [
    ['checkins: { x: { every: 10s } }', 'checkins.x.every', /each 1m/],
    ['checkins: { x: { every: daily } }', 'checkins.x.every', /no schedule/],
    ['checkins: { x: { every: 1h } }\nenv: { CHECKIN_X_URL: y }', 'env.CHECKIN_X_URL', /address of x/],
  ]
  for (const [text, path, why] of cases) {
    const [problem] = read(text).problems
    assert.deepEqual([problem?.path, why.test(problem!.message)], [path, true], text)
  }
})
