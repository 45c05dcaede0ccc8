import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asPreview } from './as-preview.ts'
import { runsIn } from './jobs.ts'
import { previews } from './previews.ts'
import { readConfig } from './read.ts'

const read = (more: string, services = 'api: { start: node a }, pages: { static: dist }') =>
  readConfig(`name: a\nservices: { ${services} }\nroutes: { /: ${services.split(':')[0]} }\n${more}`)

const USUAL = {
  ...{ timezone: 'UTC', timeout: 3_600_000, overlap: 'skip', missed: 'run-once', retries: 0 },
  ...{ expect: 3_600_000, level: 'critical', environments: ['production'] },
}

test('a job has a schedule and a command, and what it does not say has a default', () => {
  const { config, problems } = read(`
jobs:
  mail: { schedule: '*/5 * * * *', command: npm run mail }
  report:
    { schedule: 0 9 * * 1-5, timezone: Europe/Rome, command: [node, report.js], service: api, timeout: 10m, memory: 256MB,
      overlap: wait, missed: skip, retries: 2, expect: false, level: warning, environments: [production, preview] }`)
  assert.deepEqual(problems, [])
  assert.deepEqual(config!.jobs, {
    mail: { schedule: '*/5 * * * *', command: ['npm', 'run', 'mail'], ...USUAL },
    report: {
      ...{ schedule: '0 9 * * 1-5', timezone: 'Europe/Rome', command: ['node', 'report.js'], service: 'api' },
      ...{ timeout: 600_000, memory: 256 * 1024 ** 2, overlap: 'wait', missed: 'skip', retries: 2 },
      ...{ expect: false, level: 'warning', environments: ['production', 'preview'] },
    },
  })
})

test('what a job cannot mean is said with its reason', () => {
  const job = (more: string) => `jobs: { x: { schedule: 0 9 * * *, command: node x, ${more} } }`
  const cases: Array<[text: string, path: string, why: RegExp]> = [
    [
      'jobs: { x: { schedule: 9 o clock, command: node x } }',
      'jobs.x.schedule',
      /is no schedule: five fields/,
    ],
    [
      'jobs: { x: { schedule: "*/10 * * * * *", command: node x } }',
      'jobs.x.schedule',
      /is no schedule: five fields, minute hour day month weekday/,
    ],
    [
      'jobs: { x: { schedule: 0 9 31 2 *, command: node x } }',
      'jobs.x.schedule',
      /never comes: no month has/,
    ],
    ['jobs: { x: { command: node x } }', 'jobs.x.schedule', /missing|required/i],
    ['jobs: { X: { schedule: 0 9 * * *, command: node x } }', 'jobs.X', /small letters/],
    [job('timezone: Rome'), 'jobs.x.timezone', /no time zone Rome; did you mean Europe\/Rome\?/],
    [job('timezone: Europe/Roma'), 'jobs.x.timezone', /did you mean Europe\/Rome\?/],
    [job('timezone: Mars'), 'jobs.x.timezone', /no time zone Mars; (write it as|did you mean)/],
    [job('service: pages'), 'jobs.x.service', /pages is static/],
    [job('service: apo'), 'jobs.x.service', /did you mean api\?/],
    [job('timeout: 2d'), 'jobs.x.timeout', /from 1s to 24h/],
    [job('environments: [stagin]'), 'jobs.x.environments.0', /no environment stagin/],
    [job('overlap: allow'), 'jobs.x.overlap', /skip/],
  ]
  for (const [text, path, why] of cases) {
    const [problem] = read(text).problems
    assert.equal(problem?.path, path, text)
    assert.match(problem!.message, why, text)
  }
  const [twice] = read(
    'jobs:\n  x: { schedule: 0 9 * * *, command: a }\n  x: { schedule: 0 8 * * *, command: b }',
  ).problems
  assert.match(twice!.message, /unique/)
  const [none] = read('jobs: { x: { schedule: 0 9 * * *, command: a } }', 'pages: { static: dist }').problems
  assert.match(none!.message, /a service with a start, and this app has none/)
})

test('a job runs by itself in production, and elsewhere where the file says so', () => {
  const usual = { environments: ['production'] }
  const more = { environments: ['staging', 'preview'] }
  assert.deepEqual(
    ['shop', 'shop@staging', 'shop@preview-pr-1'].map(app => [runsIn(usual, app), runsIn(more, app)]),
    [
      [true, false],
      [false, true],
      [false, true],
    ],
  )
})

test('a job of a preview may take no more memory than its services, and nobody waits for it', () => {
  const { config } = read('jobs: { x: { schedule: 0 9 * * *, command: node x, memory: 2GB } }')
  const { jobs } = asPreview(config!, previews.parse({}), 'preview-a')
  assert.equal(jobs['x']!.memory, 512 * 1024 ** 2)
  assert.equal(jobs['x']!.expect, false)
})
