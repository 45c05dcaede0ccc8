import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { BLOCKED } from '../../config/guard.ts'
import { type Asked, askFrom, type Guarded, startGuarded } from './guard.fixture.ts'
import { until } from './nginx.fixture.ts'

let edge: Guarded
before(async () => {
  edge = await startGuarded()
})
after(() => edge.stop())

const status = async (from: string, more: Partial<Asked> = {}) => (await edge.ask(from, more)).status
/** As a program of this machine asks at the site's own port. */
const own = async (more: Partial<Asked> = {}) =>
  (await askFrom('127.0.0.1', { port: edge.running.site.port, ...more })).status
const speaksOf = (visitor: string) => ({ headers: [`X-Forwarded-For: ${visitor}`] })

describe('who is let in', () => {
  it('deny keeps out whom it names, allow everybody else, and deny wins', async () => {
    const cases: Array<[allow: string[], deny: string[], statuses: number[]]> = [
      [[], [], [200, 200, 200]],
      [[], ['127.0.0.2'], [403, 200, 200]],
      [['127.0.0.2', '127.0.1.0/24'], [], [200, 403, 200]],
      [['127.0.0.0/8'], ['127.0.1.0/24'], [200, 200, 403]],
      [['::1', '2001:db8::/32'], [], [403, 403, 403]],
    ]
    for (const [allow, deny, statuses] of cases) {
      await edge.guard({ allow, deny })
      const got = await Promise.all(['127.0.0.2', '127.0.0.3', '127.0.1.9'].map(from => status(from)))
      assert.deepEqual(got, statuses, JSON.stringify({ allow, deny }))
    }
  })

  it('what a visitor says of itself gets it nowhere; what a believed proxy says of it counts', async () => {
    await edge.guard({ allow: ['203.0.113.0/24'], trusted: ['127.0.0.2'] })
    const forged = ['203.0.113.9', '203.0.113.9, 127.0.0.2', '127.0.0.1', '::1']
    for (const said of forged) assert.equal(await status('127.0.0.3', speaksOf(said)), 403, said)
    assert.equal(await status('127.0.0.3', { headers: ['X-Real-IP: 203.0.113.9'] }), 403)
    assert.equal(await status('127.0.0.3', { headers: ['X-Innkeeper-Hop: '] }), 403)
    assert.equal(await status('127.0.0.2', speaksOf('203.0.113.9')), 200)
    assert.equal(await status('127.0.0.2', speaksOf('203.0.113.9, 6.6.6.6')), 403)
  })

  it("at a site's own port a program of this machine is let in, and whoever a web server there speaks of is a visitor", async () => {
    await edge.guard({ allow: ['203.0.113.0/24'] })
    assert.equal(await own(), 200)
    assert.equal(await own(speaksOf('203.0.113.9')), 200)
    assert.equal(await own(speaksOf('203.0.113.9, 6.6.6.6')), 403)
    assert.equal(await own({ headers: ['X-Real-IP: 6.6.6.6'] }), 403)
    assert.equal(await own({ headers: ['X-Forwarded-For: 6.6.6.6', 'X-Innkeeper-Hop: guessed'] }), 403)
  })

  it('the answer is a page, or JSON for a program', async () => {
    await edge.guard({ deny: ['127.0.0.2'] })
    assert.match((await edge.ask('127.0.0.2')).body, /<h1>Not allowed/)
    const json = await edge.ask('127.0.0.2', { headers: ['Accept: application/json'] })
    assert.equal(JSON.parse(json.body).status, 403)
  })
})

describe('paths that are blocked', () => {
  it('are 404 with what is below them, in capitals too, and nothing beside them is', async () => {
    await edge.guard({ blocked: [...BLOCKED, '/api/seed', '/admin/que*', 'wp-login.php'] })
    const gone = [
      ...['/metrics', '/metrics/', '/metrics/a', '/Metrics', '/metrics?a=1', '/.git/config', '/.gitignore'],
      ...['/a/b/.git/HEAD', '/.env', '/.env.production', '/api/.ENV', '/x/.svn/entries', '/.DS_Store'],
      ...['/api/seed', '/API/Seed/1', '/admin/queues', '/admin/queues/api', '/blog/wp-login.php'],
    ]
    const there = [
      ...[
        '/',
        '/metrics2',
        '/api/metrics',
        '/a?x=/metrics',
        '/a?/.git/',
        '/.well-known/a',
        '/.svnx',
        '/x.git',
      ],
      ...['/environment', '/api/seeds', '/admin/qu', '/caf%C3%A9', '/a/../b', '//a', '/wp-login.php5'],
    ]
    for (const path of gone) assert.equal(await status('127.0.0.2', { path }), 404, path)
    for (const path of there) assert.equal(await status('127.0.0.2', { path }), 200, path)
  })

  it('are found however they are written, because an app may read the path in another way', async () => {
    await edge.guard({ blocked: BLOCKED })
    const tricks = [
      ...[
        '//metrics',
        '/%6detrics',
        '/%256detrics',
        '/%25256detrics',
        '/./metrics',
        '/a/../metrics',
        '/a/%2e%2e/metrics',
      ],
      ...[
        '/metrics/../',
        '/metrics/..%2f',
        '/\\metrics',
        '/a\\..\\metrics',
        '/%5cmetrics',
        '//evil/metrics',
        '/\\evil/metrics',
      ],
      ...[
        '///evil/metrics',
        '//evil/a/../metrics',
        '/metrics%2f',
        '/metrics%3fa',
        '/metrics;a=1',
        '/metrics#a',
        '/metrics//',
      ],
      ...[
        '/%2egit/config',
        '/%2Egit',
        '/a/../.env',
        '/a/..%2f.env',
        '/.%65nv',
        '/a/.git/../b',
        '/x/%252egit',
        '/.env%2elocal',
      ],
      ...['http://shop.example/metrics', 'http://shop.example//metrics', 'http://shop.example/%2egit'],
    ]
    for (const path of tricks) {
      const got = await edge.ask('127.0.0.2', { path })
      assert.equal(got.status, 404, path)
      assert.match(got.body, /There is nothing at this address/, path)
    }
  })

  it("are answered at a site's own port to a program of this machine, and to nobody that a web server speaks of", async () => {
    await edge.guard({ blocked: BLOCKED })
    assert.equal(await own({ path: '/metrics' }), 200)
    assert.equal(await own({ path: '/metrics', ...speaksOf('203.0.113.9') }), 404)
    assert.equal(await own({ path: '/metrics', headers: ['X-Forwarded-For: 127.0.0.1'] }), 404)
  })
})

describe('rules that change', () => {
  it('fail no request and take no reload', async () => {
    let over = false
    const failures: string[] = []
    let asked = 0
    const visitors = Array.from({ length: 4 }, async (_, n) => {
      for (; !over; asked++) {
        const got = await edge
          .ask(`127.0.5.${n}`, { path: '/ok' })
          .catch((error: Error) => ({ status: 0, body: error.message }))
        if (got.status !== 200) failures.push(`${got.status} ${got.body}`)
      }
    })
    const reached = async () => (await edge.running.edge.configure(open => open)).reloaded
    for (let n = 0; n < 40; n++) {
      await edge.guard(
        n % 2 === 0 ? { deny: [`10.0.0.${n}`], blocked: BLOCKED } : { allow: ['127.0.5.0/24'] },
      )
      await wait(10)
    }
    over = true
    await Promise.all(visitors)
    assert.deepEqual(failures, [])
    assert.ok(asked > 100, String(asked))
    assert.equal(await reached(), false)
  })

  it('are there after nginx was killed', async () => {
    await edge.guard({ deny: ['127.0.0.2'] })
    await edge.running.kill()
    await edge.running.start()
    await until(async () => (await status('127.0.0.3').catch(() => 0)) === 200, 'the new nginx answers')
    assert.deepEqual([await status('127.0.0.2'), await status('127.0.0.3')], [403, 200])
  })
})
