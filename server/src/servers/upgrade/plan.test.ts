import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sentence } from '../../engine/plan.ts'
import { cron, PATHS } from '../setup/texts.ts'
import type { Facts } from './facts.ts'
import { planUpgrade } from './plan.ts'
import { upgradeSentences } from './step.ts'

const facts = (more: Partial<Facts> = {}): Facts => ({
  home: '/h',
  from: { folder: '/opt/innkeeper', version: '0.1.0' },
  to: { folder: '/opt/innkeeper-0.2.0', version: '0.2.0' },
  tarball: null,
  there: true,
  missing: [],
  busy: null,
  link: null,
  files: {},
  ...more,
})

const kinds = (given: Facts) =>
  planUpgrade(given).steps.map(({ does, undo }) => [does.kind, undo?.kind ?? null])

test('a folder is tried on a copy, then swapped; nothing else is touched', () => {
  assert.deepEqual(kinds(facts()), [
    ['upgrade.bring', null],
    ['upgrade.rehearse', 'upgrade.discard'],
    ['upgrade.swap', 'upgrade.back'],
  ])
})

test('an archive is unpacked first, once, and its undo removes no more than that', () => {
  const tarball = { path: '/t/innkeeper-0.2.0.tgz', sha256: 'a'.repeat(64) }
  assert.deepEqual(kinds(facts({ tarball, there: false }))[0], ['upgrade.unpack', 'upgrade.discard'])
  const [first] = planUpgrade(facts({ tarball, there: false })).steps
  assert.deepEqual(first!.undo, { kind: 'upgrade.discard', folder: '/opt/innkeeper-0.2.0' })
  assert.equal(kinds(facts({ tarball, there: true }))[0]![0], 'upgrade.bring')
})

test('Debian packages that the new one calls come before it is tried', () => {
  assert.deepEqual(kinds(facts({ missing: ['brotli'] }))[1], ['upgrade.packages', null])
})

test('what leads to the old folder from outside leads to the new one, and its undo leads back', () => {
  const boot = (project: string) => cron({ home: '/h', project })
  const record = (project: string) =>
    `${JSON.stringify({ at: 'x', project, files: { [PATHS.cron]: boot(project) } }, null, 2)}\n`
  const given = facts({
    link: '/opt/innkeeper/inn',
    files: { [PATHS.cron]: boot('/opt/innkeeper'), '/h/setup/record.json': record('/opt/innkeeper') },
  })
  const outside = planUpgrade(given).steps.slice(3)
  const now = '/opt/innkeeper-0.2.0'
  assert.deepEqual(
    outside.map(({ does }) => ('to' in does ? does.to : 'text' in does ? does.text : null)),
    [`${now}/inn`, boot(now), record(now)],
  )
  assert.deepEqual(
    outside.map(({ does }) => ('mode' in does ? does.mode : null)),
    [null, 0o644, 0o600],
  )
  assert.deepEqual(
    outside.map(({ undo }) => (undo && 'to' in undo ? undo.to : undo && 'text' in undo ? undo.text : null)),
    ['/opt/innkeeper/inn', boot('/opt/innkeeper'), record('/opt/innkeeper')],
  )
})

test('what leads elsewhere, or was changed by hand, stays', () => {
  const files = {
    [PATHS.cron]: '@reboot root /mine\n',
    '/h/setup/record.json': '{"project":"/other","files":{}}',
  }
  assert.equal(planUpgrade(facts({ link: '/usr/share/inn', files })).steps.length, 3)
})

test('the same folder: nothing to do, also while the keeper is busy', () => {
  const plan = planUpgrade(facts({ to: facts().from, busy: 'deploy shop r2' }))
  assert.deepEqual([plan.steps, plan.cleanup, plan.notices], [[], [], []])
})

test('while something is under way the keeper is not swapped', () => {
  assert.throws(() => planUpgrade(facts({ busy: 'deploy shop r2' })), {
    code: 'upgrade.busy',
    why: /deploy shop r2/,
  })
})

test('every step has its sentence', () => {
  const tarball = { path: '/t/i.tgz', sha256: 'a'.repeat(64) }
  const { steps, cleanup } = planUpgrade(facts({ tarball, there: false, missing: ['brotli'] }))
  const all = [...steps.flatMap(({ does, undo }) => [does, ...(undo ? [undo] : [])]), ...cleanup]
  for (const step of all) assert.ok(sentence(upgradeSentences, step).length > 10)
})
