import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { apiWith, peopleOf } from '../../api/api.fixture.ts'
import { typed } from '../../bin/program.fixture.ts'
import { type Answer, failsWith } from '../../cli/stand-in.fixture.ts'
import { openStore } from '../../db/db.ts'
import { auditLog } from './audit.ts'
import { open } from './open.ts'
import type { ChainedEntry } from './wire.ts'

/** A log with some entries, and its routes. */
async function house(t: TestContext) {
  const store = openStore(':memory:')
  t.after(() => store.close())
  let now = Date.UTC(2026, 10, 20)
  const clock = { now: () => now++, sleep: async () => {} }
  const audit = auditLog(store, clock.now)
  for (const detail of ['one', 'two', 'three'])
    await audit.write({ actor: 'anna', action: 'deploy', app: 'shop', run: null, detail })
  const part = open({ audit, clock, engine: { on: () => {} } })
  const crowd = peopleOf({ anna: 'admin', otto: 'operator' })
  const api = await apiWith(t, crowd, app => part.routes!(app))
  const ask = async (url: string, as = 'anna') => {
    const answer = await api.inject({ method: 'GET', url, headers: { cookie: as, host: 'box.test' } })
    return { status: answer.statusCode, body: answer.json() as ChainedEntry[] }
  }
  return { audit, part, ask, store }
}

/** What the keeper answers to the command line, a page of two entries at a time. */
const pagesOf =
  (entries: () => readonly ChainedEntry[]): Answer =>
  (response, { path }) => {
    const after = Number(new URL(path, 'http://x').searchParams.get('after'))
    const some = entries().filter(({ id }) => id > after)
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(some.slice(0, 2)))
  }

const answers = (entries: () => readonly ChainedEntry[]) => ({ 'GET /api/audit/chain': pagesOf(entries) })

test('the audit log is for admins alone, a page at a time', async t => {
  const { ask } = await house(t)
  for (const url of ['/api/audit', '/api/audit/chain']) assert.equal((await ask(url, 'otto')).status, 403)
  assert.equal((await ask('/api/audit')).body.length, 3)
  const page = (await ask('/api/audit/chain?after=1&limit=1')).body
  assert.deepEqual(
    page.map(one => [one.id, one.detail]),
    [[2, 'two']],
  )
})

test('what does not fit is an alarm, without anybody asking', async t => {
  const { part, store } = await house(t)
  assert.deepEqual(await part.alarms!(), [])
  store.raw.exec("update audit set detail = 'other' where id = 2")
  await part.timers![0]!.work()
  assert.match((await part.alarms!())[0]!.what, /entry 2/)
})

test('inn audit verify goes through all, also against what was exported before', async t => {
  const { audit } = await house(t)
  const folder = await mkdtemp(join(tmpdir(), 'inn-audit-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  let entries = audit.chain(0)
  const all = answers(() => entries)
  assert.match((await typed(t, ['audit', 'verify'], all)).out, /^3 entries, each follows/)
  const file = join(folder, 'audit.jsonl')
  await writeFile(file, (await typed(t, ['audit', 'export'], all)).out)
  assert.equal((await readFile(file, 'utf8')).trim().split('\n').length, 3)
  await audit.write({ actor: 'otto', action: 'stop', app: 'shop', run: null, detail: '' })
  entries = audit.chain(0)
  assert.match((await typed(t, ['audit', 'verify', file], all)).out, /4 entries[\s\S]*all 3 of /)
  const { head } = (await typed(t, ['audit', 'verify', '--json'], all)).json() as { head: { id: number } }
  assert.equal(head.id, 4)
  entries = audit.chain(0).slice(0, 2)
  await assert.rejects(typed(t, ['audit', 'verify', file], all), failsWith('audit.other'))
  entries = audit.chain(0).map(one => (one.id === 2 ? { ...one, actor: 'eve' } : one))
  await assert.rejects(typed(t, ['audit', 'verify'], all), failsWith('audit.broken'))
  await writeFile(file, '')
  await assert.rejects(typed(t, ['audit', 'verify', file], all), failsWith('usage.file'), 'it proves nothing')
  await writeFile(file, 'what is this\n')
  await assert.rejects(typed(t, ['audit', 'verify', file], all), failsWith('usage.file'))
  await assert.rejects(typed(t, ['audit', 'verify', `${file}x`], all), failsWith('usage.file'))
})
