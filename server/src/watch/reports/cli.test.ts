import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Refused, typed } from '../../bin/program.fixture.ts'
import { type Answer, failsWith, says } from '../../cli/stand-in.fixture.ts'
import { factsWith, NOW, WEEK } from './reports.fixture.ts'
import { reportOf } from './rule.ts'
import { Report, ReportPeriod, ReportSent, ReportSettings } from './wire.ts'

const facts = factsWith({
  updates: [{ app: null, security: 2, all: 2, heard: NOW, restart: null }],
})
const report = reportOf(facts, { span: WEEK, server: 'alpha', permits: () => true })
const settings = { day: null, week: 'Mon 08:00', month: null, zone: 'UTC', channels: [] }

/** The report of the period that is asked for. */
const asked: Answer = (response, request) => {
  const period = ReportPeriod.parse(new URL(request.path, 'http://keeper').searchParams.get('period'))
  says(Report, { ...report, period })(response, request)
}

test('inn report prints each section in a line, and what is not well below it', async t => {
  const answers = { 'GET /api/report': asked }
  const { out } = await typed(t, ['report'], answers)
  assert.match(out, /^alpha, the week until 2026-11-30 .*: 1 to look at\n/)
  assert.match(out, /✓ Backups: 1 place/)
  assert.match(out, /! Security updates: .*\n {4}look: 2 security updates not installed \(apt-get upgrade;/)
  assert.deepEqual((await typed(t, ['report', '--json'], answers)).json(), report)
  assert.match((await typed(t, ['report', '--day'], answers)).out, /the day until/)
  await assert.rejects(typed(t, ['report', '--day', '--month'], {}), Refused)
})

test('inn report send says to whom', async t => {
  const sent = { period: 'month' as const, state: 'well' as const, channels: ['ops', 'mail'] }
  const { out, calls } = await typed(t, ['report', 'send', '--month'], {
    'POST /api/report/send': says(ReportSent, sent),
  })
  assert.match(out, /sent to ops and mail/)
  assert.deepEqual(calls[0]![1], { period: 'month' })
})

test('inn report settings shows what is, and changes what is said', async t => {
  const answers = {
    'GET /api/report-settings': says(ReportSettings, settings),
    'POST /api/report-settings': says(ReportSettings, settings),
  }
  const { out, calls } = await typed(t, ['report', 'settings'], answers)
  assert.equal(calls.length, 1)
  assert.match(out, /daily +off\nweekly +Mon 08:00 \(UTC\)\nmonthly +off\nto +every channel but/)
  const asked = async (...flags: string[]) => {
    const { calls } = await typed(t, ['report', 'settings', ...flags], answers)
    return calls.at(-1)![1]
  }
  assert.deepEqual(await asked('--daily', '8:00', '--weekly', 'off', '--channel', 'ops'), {
    ...{ ...settings, day: '08:00', week: null, channels: ['ops'] },
  })
  assert.deepEqual(await asked('--weekly', 'friday 17:00', '--monthly', '07:30', '--zone', 'Europe/Berlin'), {
    ...{ ...settings, week: 'Fri 17:00', month: '1 07:30', zone: 'Europe/Berlin' },
  })
  for (const wrong of [
    ['--daily', 'Mon 08:00'],
    ['--weekly', 'Someday 08:00'],
    ['--monthly', '31 08:00'],
    ['--daily', 'soon'],
  ])
    await assert.rejects(typed(t, ['report', 'settings', ...wrong], answers), failsWith('usage.schedule'))
  await assert.rejects(typed(t, ['report', 'settings', '--zone', 'Mars'], answers), failsWith('usage.zone'))
})
