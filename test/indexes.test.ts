import assert from 'node:assert/strict'
import type { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { trafficHistory } from '../server/src/apps/checks/traffic.ts'
import { releaseStore } from '../server/src/apps/releases/store.ts'
import { pointStore } from '../server/src/data/backups/store.ts'
import { openStore, type Store } from '../server/src/db/db.ts'
import { runHistory } from '../server/src/engine/history.ts'
import { sqliteJournal } from '../server/src/engine/sqlite-journal.ts'
import { auditLog } from '../server/src/reach/audit/audit.ts'

/** A store that tells how SQLite finds what was asked of it: by which index, or by reading a whole table. */
function explaining(t: TestContext) {
  const store = openStore(':memory:')
  t.after(() => store.close())
  const { raw } = store
  const asked = new Set<string>()
  const prepare = raw.prepare.bind(raw)
  raw.prepare = ((text: string) => {
    asked.add(text)
    return prepare(text)
  }) as DatabaseSync['prepare']
  const ways = () =>
    [...asked]
      .filter(text => /^(select|update|delete)/.test(text))
      .flatMap(text => prepare(`explain query plan ${text}`).all())
      .map(row => String(row['detail']))
  return { store, ways }
}

/** What is asked every few seconds, or by a page that is looked at. */
async function askAll(store: Store): Promise<void> {
  const now = () => 1_000_000
  const journal = sqliteJournal(store.raw)
  journal.rested()
  journal.unfinished()
  const { runs, openRun, stuckRuns } = runHistory(store.raw, journal)
  runs(null, 100)
  runs('shop', 50)
  openRun('shop')
  stuckRuns()
  const audit = auditLog(store, now)
  await audit.list({ limit: 100 })
  audit.lastOf('sign in')
  await audit.list({ limit: 100, app: 'shop', before: 7 })
  for (const owner of ['shop', null, undefined]) await pointStore(store, now, owner).recent()
  const releases = releaseStore(store, now)
  await releases.ready('shop')
  await releases.find('shop', 'r1')
  const apps = { all: async () => [] }
  await trafficHistory(store, { apps, edge: { traffic: async () => ({}) }, clock: { now } as never }).tick()
}

test('what is asked again and again is found by an index, so that it takes no longer after years', async t => {
  const { store, ways } = explaining(t)
  await askAll(store)
  const found = ways()
  assert.ok(found.length > 12, found.join('\n'))
  // The newest entries of the audit log are its last rows, which are read from the end until a limit. Locks are few.
  const whole = found.filter(way => /^SCAN (?!.*USING|audit$|lock$)/.test(way))
  assert.deepEqual(whole, [])
  assert.deepEqual(
    found.filter(way => way.startsWith('USE TEMP B-TREE')),
    [],
    'nothing is sorted that an index has in order',
  )
  // Of an app alone it would read all its runs.
  assert.ok(found.some(way => way.includes('run_open_by_app')))
})
