import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shortAlert } from './alerts.ts'
import { readConfig } from './read.ts'

const VISITED = 'and sum(rate(http_requests_total{job="edge",app="$app"}[5m])) > 0.05'

const short = (text: string) => {
  const found = shortAlert(text)
  assert.notEqual(typeof found, 'string', String(found))
  return found as Exclude<typeof found, string>
}

test('an alert in short says its signal, its bound, how long, and where it is told', () => {
  const cases: Array<[text: string, name: string, end: string, ms: number, channel: string | null]> = [
    ['memory > 85% for 5m: sms', 'MemoryOver85Percent', '> 0.85', 300_000, 'sms'],
    [
      'errors>5%',
      'ErrorsOver5Percent',
      '> 0.05 and sum(increase(http_requests_total{job="edge",app="$app",code="5xx"}[5m])) > 2',
      300_000,
      null,
    ],
    ['p95 > 2000ms for 10m', 'P95Over2000ms', `> 2 ${VISITED}`, 600_000, null],
    ['p99 > 1.5s: on-call', 'P99Over1_5s', `> 1.5 ${VISITED}`, 300_000, 'on-call'],
    ['requests < 6/m for 1h', 'RequestsUnder6Perm', '< 0.1', 3_600_000, null],
    ['size > 300MB', 'SizeOver300MB', '> 314572800', 300_000, null],
    ['sockets > 10/m : chat', 'SocketsOver10Perm', '> 10', 300_000, 'chat'],
    ['disk > 80 %', 'DiskOver80Percent', '> 0.8', 300_000, null],
  ]
  for (const [text, name, end, ms, channel] of cases) {
    const found = short(text)
    assert.deepEqual([found.name, found.for, found.channel], [name, ms, channel], text)
    assert.ok(found.query.endsWith(end), `${text}: ${found.query}`)
  }
})

test('what an alert in short cannot mean is said', () => {
  const cases: Array<[text: string, said: RegExp]> = [
    ['memory', /wants a form/],
    ['memory > 85', /wants a form/],
    ['memory >= 85%', /wants a form/],
    ['heat > 85%', /none of errors, requests/],
    ['memory > 85ms', /counted in %/],
    ['errors > 1% for ever', /no duration/],
    ['errors > 1%: a b', /wants a form/],
  ]
  for (const [text, said] of cases) assert.match(String(shortAlert(text)), said, text)
})

test('alerts of a file are read, whole ones with what they leave out, and wrong ones by their line', () => {
  const file = (alerts: string) =>
    readConfig(`name: shop\nservices: { web: { start: node x.js } }\nalerts:\n${alerts}`)
  const { config } = file("  - 'errors > 5%: pager'\n  - { name: QueueGrows, query: 'queue > 5' }\n")
  assert.deepEqual(
    config!.alerts.map(({ name, severity, channel, for: ms }) => [name, severity, channel, ms]),
    [
      ['ErrorsOver5Percent', 'warning', 'pager', 300_000],
      ['QueueGrows', 'warning', null, 300_000],
    ],
  )
  const { problems } = file("  - 'heat > 5%'\n")
  assert.equal(problems[0]!.line, 4)
  assert.match(problems[0]!.message, /none of errors/)
})

test('all that is wrong with a rule is told, unknown keys with the near one or those that are known', () => {
  const told = (rule: string) =>
    readConfig(`name: shop\nservices: { web: { start: node x.js } }\nalerts: [${rule}]`).problems.map(
      ({ path, message }) => `${path}: ${message}`,
    )
  assert.deepEqual(told('{ nam: X, query: y, zzzzzz: 1 }'), [
    'alerts.0.name: is missing',
    'alerts.0.nam: unknown key; did you mean name?',
    'alerts.0.zzzzzz: unknown key; known here: name, query, for, severity, says and channel',
  ])
  assert.deepEqual(
    told("{ name: x, query: '', for: never, severity: bad, channel: 'A B' }").map(text => text.split(':')[0]),
    ['name', 'query', 'for', 'severity', 'channel'].map(key => `alerts.0.${key}`),
  )
  assert.deepEqual(told("{ name: X, query: '' }"), ['alerts.0.query: is empty: write text'])
  assert.deepEqual(told('5'), ['alerts.0: is a number: write text or a mapping'])
})
