import assert from 'node:assert/strict'
import { test } from 'node:test'
import { typed } from '../../bin/program.fixture.ts'
import { says } from '../../cli/stand-in.fixture.ts'
import { SecurityReport } from './wire.ts'

const ABOUT = { check: 'web.cors', severity: 'critical', app: 'shop', subject: 'shop' } as const
const FOUND = { ...ABOUT, what: 'every site may read', why: 'any page could act', fix: '`inn deploy` it' }
const REPORT: SecurityReport = {
  ...{ at: '2026-11-30T00:00:00.000Z', score: 40, findings: [FOUND] },
  unknown: [{ ...ABOUT, check: 'app.root', reason: 'it is stopped' }],
  accepted: [{ ...FOUND, check: 'urls.tls', subject: 'DB', reason: 'the network is ours' }],
  passed: [{ ...ABOUT, check: 'app.files', good: 'its files are closed' }],
}
const answers = (report: SecurityReport) => ({
  'GET /api/security': says(SecurityReport, report),
})

test('inn security check tells what was found with its fix, what was not seen, and ends with 1', async t => {
  const { out, code, calls } = await typed(t, ['security', 'check', 'shop'], answers(REPORT))
  assert.match(
    out,
    /^critical {2}shop {2}web\.cors\n {2}every site may read\n {2}why {2}any page .*\n {2}fix {2}inn deploy it$/m,
  )
  assert.match(out, /not seen, so not passed:\n {2}shop {2}app\.root {2}it is stopped/)
  assert.match(out, /score 40 of 100: 1 finding, 1 passed, 1 not seen, 1 accepted/)
  assert.doesNotMatch(out, /its files are closed/)
  assert.equal(code, 1)
  assert.deepEqual(calls, [['GET /api/security?again=true&app=shop', undefined]])
  const all = await typed(t, ['security', 'check', '--all'], answers(REPORT))
  assert.match(
    all.out,
    /shop DB {2}urls\.tls {2}.*\(the network is ours\)[\s\S]*app\.files {2}its files are closed/,
  )
})

test('what is lower is told, and ends well; --json is the whole report', async t => {
  const low = { ...REPORT, findings: [{ ...FOUND, severity: 'medium' as const }] }
  const { code, json } = await typed(t, ['security', 'check', '--json'], answers(low))
  assert.deepEqual([code, json()], [0, low])
})
