import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Beat, Loss } from '../../apps/databases/cluster.ts'
import { alarms, type BackupFacts, createLasting, kitAlarm, type PlaceFacts } from './alarms.ts'

const MIN = 60_000
const HOUR = 60 * MIN
const NOW = Date.parse('2026-11-20T12:00:00Z')

const beat = (more: Partial<Beat> = {}): Beat => ({
  at: NOW,
  segment: '000000010000000000000005',
  archiving: true,
  waiting: 0,
  archivedAt: NOW - MIN,
  archivedSegment: '000000010000000000000004',
  failingSince: null,
  synchronous: false,
  receiving: false,
  ...more,
})
const place = (more: Partial<PlaceFacts> = {}): PlaceFacts => ({
  name: 'local',
  lastGood: NOW - HOUR,
  lastReason: null,
  failed: 0,
  missing: [],
  gap: false,
  lost: null,
  damaged: false,
  sameDisk: false,
  ...more,
})
const facts = (more: Partial<BackupFacts> = {}): BackupFacts => ({
  app: 'shop',
  deployed: true,
  on: true,
  now: NOW,
  since: NOW - 100 * HOUR,
  beat: beat(),
  beatFailure: null,
  places: [place()],
  receive: null,
  streamFailure: null,
  loss: null,
  ...more,
})
const codes = (more: Partial<BackupFacts>): string[] => alarms(facts(more)).map(({ code }) => code)
const what = (more: Partial<BackupFacts>): string => alarms(facts(more))[0]!.what

test('the cluster that a failed first deploy leaves has no alarm', () => {
  const nothing = { places: [place({ lastGood: null })], beatFailure: 'no' }
  assert.notDeepEqual(alarms(facts(nothing)), [])
  assert.deepEqual(alarms(facts({ ...nothing, deployed: false })), [])
})

test('an app whose backups are well has no alarm, and one without anything to keep has none either', () => {
  assert.deepEqual(codes({}), [])
  assert.deepEqual(codes({ since: null, beat: null, places: [place({ gap: true })] }), [])
})

test('files that are gone are the only alarm: all others would be their consequences', () => {
  const only = (loss: Loss) =>
    alarms(facts({ loss, since: null, places: [place({ gap: true, damaged: true })] })).map(alarm => [
      alarm.code,
      alarm.what.replace(/.*shop (is|was) /, ''),
    ])
  assert.deepEqual(only({ server: 'runs' }), [
    ['database.gone', 'gone, and its server still runs: every commit from now on is lost'],
  ])
  assert.deepEqual(only({ server: 'stopped' }), [
    ['database.gone', 'gone: its server is stopped, so that it takes no commit that would be lost'],
  ])
  assert.deepEqual(only({ server: 'ended' }), [['database.gone', 'gone: its server cannot start']])
  assert.deepEqual(only({ server: 'waits' }), [
    ['database.gone', 'not back yet: the recovery of this server has not come to it'],
  ])
  assert.deepEqual(only({ server: 'elsewhere', data: '/x' }), [
    ['database.gone', 'moved to /x, where its server goes on: nothing new of it is backed up'],
  ])
})

test('a place without a good backup for 26 hours says how old the last is, and why the last try failed', () => {
  assert.deepEqual(codes({ places: [place({ lastGood: NOW - 25 * HOUR })] }), [])
  const late = { places: [place({ lastGood: NOW - 30 * HOUR, lastReason: 'the disk is full' })] }
  assert.deepEqual(codes(late), ['backup.overdue'])
  assert.match(what(late), /the last is 1 d 6 h old; the last try: the disk is full/)
  assert.match(what({ places: [place({ lastGood: null })] }), /there is none/)
})

test('two tries that failed in a row are told before a good backup is overdue, and then in its alarm', () => {
  const failing = (more: Partial<PlaceFacts>) => ({
    places: [place({ failed: 2, lastReason: 'the disk is full', ...more })],
  })
  assert.deepEqual(codes(failing({ failed: 1 })), [])
  assert.deepEqual(codes(failing({})), ['backup.failing'])
  assert.match(what(failing({})), /^the last 2 tries to back up shop at local failed: the disk is full$/)
  assert.deepEqual(codes(failing({ lastGood: NOW - 30 * HOUR })), ['backup.overdue'])
  const lost = { label: 'F1', why: 'its list of files is gone' }
  assert.deepEqual(codes(failing({ lost })), ['backup.lost'], 'points that were lost later did not fail')
})

test('a backup that lost a part is told with what is gone', () => {
  const lost = { label: '20261120-000000F', why: 'its list of files is gone' }
  assert.deepEqual(codes({ places: [place({ lost })] }), ['backup.lost'])
  assert.match(
    what({ places: [place({ lost })] }),
    /20261120-000000F of shop at local.*its list of files is gone/,
  )
})

test('a gap, damage and a shared disk are told for each place by its name', () => {
  const both = [place({ sameDisk: true }), place({ name: 'bucket', gap: true, damaged: true })]
  const found = alarms(facts({ places: both }))
  assert.deepEqual(
    found.map(({ code, level }) => [code, level]),
    [
      ['backup.same-disk', 'soon'],
      ['backup.gap', 'late'],
      ['backup.damaged', 'late'],
    ],
  )
  assert.match(found[1]!.what, /at bucket/)
  assert.match(found[0]!.what, /^local/)
})

test('what one app lacks is told once, also when two places lack it', () => {
  const missing = [{ of: 'shop/redis', place: null, why: 'it does not answer' }]
  const found = alarms(facts({ places: [place({ missing }), place({ name: 'bucket', missing })] }))
  assert.deepEqual(
    found.map(alarm => alarm.what),
    ['of the last backup of shop, the Redis of shop is not in it: it does not answer'],
  )
})

test('a heartbeat that fails is an alarm once it is late, and hides what the last one said', () => {
  const failed = { beatFailure: 'the disk is full' }
  assert.deepEqual(codes({ ...failed, beat: beat({ at: NOW - 10_000, archiving: false }) }), [])
  assert.deepEqual(codes({ ...failed, beat: beat({ at: NOW - 40_000, archiving: false }) }), [
    'backup.heartbeat',
  ])
  assert.deepEqual(codes({ ...failed, beat: null }), ['backup.heartbeat'])
  assert.deepEqual(codes({ beat: null }), [], 'none yet, and none failed: the keeper has just begun')
})

test('what is wrong with a cluster is told when it has lasted for as long as a new one, a start or an exchange takes', () => {
  const down = { beat: null, beatFailure: 'connect ENOENT' }
  const receive = { kind: 'folder' as const, name: 'disk', path: '/d' }
  const young = { since: NOW - MIN }
  const table: Array<[string, Partial<BackupFacts>, number]> = [
    ['backup.heartbeat', { ...down, ...young }, 75],
    ['backup.archive-lag', { ...young, beat: beat({ archivedAt: null, failingSince: NOW }) }, 75],
    ['backup.stream', { ...young, receive }, 75],
    ['backup.archive-lag', { ...young, beat: beat({ failingSince: NOW }) }, 30],
    ['backup.heartbeat', down, 30],
    ['backup.archive-lag', { beat: beat({ failingSince: NOW }) }, 30],
    ['backup.archiving-off', { beat: beat({ archiving: false }) }, 30],
    ['backup.stream', { receive }, 30],
    ['database.gone', { loss: { server: 'stopped' } }, 10],
    ['backup.heartbeat', { beat: beat({ at: NOW - MIN }), beatFailure: 'it hangs' }, 0],
    ['backup.gap', { ...young, places: [place({ gap: true })] }, 0],
  ]
  for (const [code, more, seconds] of table) {
    const lasting = createLasting()
    const at = (after: number) => {
      const moved = { ...facts(more), now: NOW + after * 1000 }
      return lasting(moved).map(alarm => alarm.code)
    }
    at(0)
    if (seconds > 0) assert.deepEqual(at(seconds - 1), [], code)
    assert.deepEqual(at(seconds), [code])
    lasting(facts())
    assert.deepEqual(at(seconds + 1), seconds > 0 ? [] : [code], `${code}: it began anew`)
  }
})

test('archiving that is off, that fails, and that is five minutes behind', () => {
  assert.deepEqual(codes({ beat: beat({ archiving: false }) }), ['backup.archiving-off'])
  assert.deepEqual(codes({ beat: beat({ failingSince: NOW - MIN }) }), ['backup.archive-lag'])
  assert.deepEqual(codes({ beat: beat({ archivedAt: NOW - 4 * MIN }) }), [])
  const behind = { beat: beat({ archivedAt: NOW - 6 * MIN, waiting: 3 }) }
  assert.match(what(behind), /the last segment went 6 min ago; 3 segments of 16 MB wait/)
  assert.match(what({ beat: beat({ archivedAt: null, failingSince: NOW }) }), /is not archived$/)
})

test('commits that wait for a stream that is away, and commits that should wait and do not', () => {
  const receive = { kind: 'folder' as const, name: 'disk', path: '/d' }
  assert.deepEqual(codes({ receive, beat: beat({ synchronous: true, receiving: true }) }), [])
  assert.match(
    what({ receive, streamFailure: 'not mounted', beat: beat({ synchronous: true }) }),
    /no commit of shop is done until disk has it: not mounted/,
  )
  assert.match(what({ receive }), /commits of shop wait for their own disk alone, and not for disk/)
})

test('the recovery kit is asked for after a day, as something that will matter', () => {
  const kit = (kitKept: boolean, hours: number) => kitAlarm({ kitKept, since: NOW - hours * HOUR, now: NOW })
  assert.deepEqual([kit(false, 23), kit(true, 100)], [[], []])
  const found = kit(false, 25)
  assert.deepEqual([found[0]!.code, found[0]!.level], ['backup.kit', 'soon'])
})
