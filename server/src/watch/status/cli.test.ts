import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { AppStatus } from '../../apps/app/wire.ts'
import { typed } from '../../bin/program.fixture.ts'
import { appOf, says, statusOf } from '../../cli/stand-in.fixture.ts'
import { PutAside } from '../../data/restores/wire.ts'
import { AlertView } from '../alerts/wire.ts'
import { Status } from './wire.ts'

const instance = {
  colour: 'blue',
  n: 1,
  release: 'r2',
  pid: 41,
  port: 4001,
  state: 'ready',
  role: 'live',
  leftOut: false,
  rssBytes: 50 * 1024 ** 2,
  restarts: 2,
  uptimeSeconds: 90,
} as const
const web = {
  name: 'web',
  kind: 'web',
  colour: 'blue',
  release: 'r2',
  routes: ['/'],
  instances: [instance],
} as const

const shop = appOf('shop', {
  rollback: { release: 'r1', warm: true, warmUntil: null },
  running: 'run-1',
  services: [{ ...web, routes: [...web.routes], instances: [instance] }],
})
const down = appOf('api', {
  state: 'down',
  reason: 'web has no instance',
  release: null,
  colour: null,
  url: null,
  rollback: { release: 'r1', warm: false, warmUntil: null },
  services: [
    {
      ...web,
      routes: [],
      instances: [{ ...instance, pid: null, port: null, state: 'down', rssBytes: null, uptimeSeconds: null }],
    },
  ],
})
const seen = (...apps: AppStatus[]): Status => ({
  ...statusOf(...apps),
  parts: [
    { name: 'edge', state: 'up', pid: 1, detail: 'fine' },
    { name: 'postgres', state: 'down', pid: null, detail: 'no port' },
  ],
  alarms: [{ code: 'backup.overdue', level: 'late', what: 'no backup for 2 d', fix: '`inn backup now`' }],
})
const answers = (status: Status, ...aside: PutAside[]) => ({
  'GET /api/alerts': says(z.array(AlertView), []),
  'GET /api/status': says(Status, status),
  'GET /api/restores': says(z.array(PutAside), aside),
})
const aside: PutAside = {
  app: 'shop',
  of: 'restore',
  at: '2026-11-20T10:00:00.000Z',
  moment: 'r1',
  aside: 'x',
  bytes: 3072,
}

test('what restores and recoveries put aside is said last, with its size and the command that discards it', async t => {
  const recovery = { ...aside, app: 'api', of: 'recovery', moment: null, bytes: null } as const
  const { out } = await typed(t, ['status'], answers(seen(shop, down), aside, recovery))
  const [, own, other] = /\n(put aside .*)\n(put aside .*)\n$/.exec(out) ?? []
  assert.match(
    own ?? out,
    /^put aside 2026-11-20 .*: what shop had before its restore to r1, 3\.0 KB: inn restore discard shop$/,
  )
  assert.match(other!, /what was left of the PostgreSQL of api before its recovery: inn restore discard api$/)
  const one = await typed(t, ['status', 'shop'], {
    ...answers(seen(shop, down), aside, recovery),
    'GET /api/apps/shop': says(AppStatus, shop),
  })
  assert.doesNotMatch(one.out, /discard api/)
})

test('inn status: what is bad above, then a row for each app and why one does not serve', async t => {
  const { out, code } = await typed(t, ['status'], answers(seen(shop, down)))
  const lines = out.split('\n')
  assert.match(lines[0]!, /^keeper 1\.2\.3 {2}pid 7 {2}100 MB {2}http:\/\/127\.0\.0\.1:7777 {2}up /)
  assert.deepEqual(lines.slice(1), [
    'box: 1.0 GB of 4.0 GB memory free, 10 GB of 40 GB disk free',
    'postgres is down: no port',
    'critical: no backup for 2 d',
    '  fix: inn backup now',
    '',
    'APP   STATE      RELEASE  COLOUR  ROLLBACK TO  ADDRESS',
    'shop  serving *  r2       blue    r1 (warm)    http://shop.test',
    'api   down       -        -       r1           -',
    'api: web has no instance',
    '',
  ])
  assert.equal(code, 6)
})

test('inn status without an app says how to get one', async t => {
  const { out } = await typed(t, ['status'], answers(statusOf()))
  assert.match(out, /\nno app yet: inn deploy/)
  assert.doesNotMatch(out, /ROLLBACK/)
})

test('inn status --json is the whole status and nothing else', async t => {
  const { json } = await typed(t, ['status', '--json'], answers(seen(shop, down)))
  assert.deepEqual(Status.parse(json()), seen(shop, down))
})

const HEAD = 'SERVICE   INSTANCE  ROLE  STATE  RELEASE  PID  PORT  MEMORY  RESTARTS  UP'

test('inn ps: every instance of every app, what is not known as a dash', async t => {
  const { out } = await typed(t, ['ps'], answers(seen(shop, down)))
  assert.deepEqual(out.split('\n'), [
    HEAD,
    'shop.web  blue.1    live  ready  r2       41   4001  50 MB   2         1 min 30 s',
    'api.web   blue.1    live  down   r2       -    -     -       2         -',
    '',
  ])
})

test('inn ps says which instance the edge leaves out', async t => {
  const ill = { ...instance, n: 2, state: 'failing', leftOut: true } as const
  const two = appOf('shop', { services: [{ ...web, routes: [], instances: [instance, ill] }] })
  const { out } = await typed(t, ['ps'], answers(seen(two)))
  assert.match(out, /blue\.1 +live +ready +r2/)
  assert.match(out, /blue\.2 +live +failing, left out +r2/)
})

test('inn ps of one app asks for that one alone; its document has app and service in each entry', async t => {
  const { json, calls } = await typed(t, ['ps', 'shop', '--json'], {
    'GET /api/apps/shop': says(AppStatus, shop),
  })
  assert.deepEqual(json(), [{ app: 'shop', service: 'web', ...instance }])
  assert.deepEqual(calls, [['GET /api/apps/shop', undefined]])
})

test('inn open prints the address, and the way there from another machine', async t => {
  const { out } = await typed(t, ['open'], answers(statusOf()))
  assert.match(out, /^http:\/\/127\.0\.0\.1:7777\n.*ssh -L 7777:127\.0\.0\.1:7777 box\n$/)
  const { json } = await typed(t, ['open', '--json'], answers(statusOf()))
  assert.deepEqual(json(), { url: 'http://127.0.0.1:7777' })
})

test('inn status ends with 6 when an app or a part is down, and with 0 when all serves or is stopped', async t => {
  const code = async (status: Status, ...more: string[]) =>
    (await typed(t, ['status', ...more], { ...answers(status), 'GET /api/apps/shop': says(AppStatus, shop) }))
      .code
  assert.equal(await code(statusOf(shop, appOf('old', { state: 'stopped' }))), 0)
  assert.equal(await code(statusOf(shop, down)), 6)
  assert.equal(await code(statusOf(appOf('shop', { state: 'degraded' })), '--json'), 6)
  assert.equal(await code(seen(shop)), 6, 'a part is down')
  assert.equal(await code(statusOf(shop, down), 'shop'), 0, 'the other app was not asked about')
})
