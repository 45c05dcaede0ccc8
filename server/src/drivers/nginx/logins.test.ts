import assert from 'node:assert/strict'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { Secret } from '../../kernel/secret.ts'
import { opening } from '../../reach/edge/edge.ts'
import { askFrom, type Guarded, HURRIED, NO_RULES, startGuarded } from './guard.fixture.ts'
import { files, only, proxy } from './nginx.fixture.ts'

const basic = (user: string, password: string) => `Authorization: Basic ${btoa(`${user}:${password}`)}`

describe('a site that asks for a password', () => {
  let edge: Guarded
  before(async () => {
    edge = await startGuarded({ clock: HURRIED })
    await edge.running.edge.admit('shop', { user: 'staging', password: new Secret('s3cr:et word') })
  })
  after(() => edge.stop())

  const LOGIN = { login: { user: 'staging', secret: 'STAGING' } }
  const ask = (...headers: string[]) => edge.ask('127.0.0.2', { headers })
  const RIGHT = basic('staging', 's3cr:et word')

  it('lets in who has it, and tells everybody else on a page that one is needed', async () => {
    await edge.guard(LOGIN)
    assert.equal((await ask(RIGHT)).status, 200)
    const none = await ask()
    assert.deepEqual([none.status, none.headers['www-authenticate']], [401, 'Basic realm="shop"'])
    assert.match(none.body, /<h1>Password needed/)
    const wrong = [
      basic('staging', 's3cr'),
      basic('other', 's3cr:et word'),
      basic('staging', ''),
      'Authorization: Bearer x',
    ]
    for (const line of wrong) assert.equal((await ask(line)).status, 401, line)
  })

  it('a new password takes no reload, and an app without the key asks for none', async () => {
    await edge.running.edge.admit('shop', { user: 'staging', password: new Secret('new') })
    assert.deepEqual([(await ask(RIGHT)).status, (await ask(basic('staging', 'new'))).status], [401, 200])
    await edge.guard({})
    assert.equal((await ask()).status, 200)
    await edge.guard(LOGIN)
    await edge.running.edge.admit('shop', null)
    assert.equal((await ask(basic('staging', 'new'))).status, 403, 'nobody is let in')
    await edge.running.edge.admit('shop', { user: 'staging', password: new Secret('s3cr:et word') })
  })

  it('takes beacons from nobody without it, and at the public port counts whom it cannot believe', async () => {
    const { running, app } = edge
    const guard = { ...NO_RULES, ...LOGIN }
    await running.edge.route('shop', { ...only(proxy('r1', [app], { vitals: true })), guard })
    const beacon = (...headers: string[]) =>
      edge.ask('127.0.0.2', { path: '/.innkeeper/vitals', method: 'POST', headers })
    const sent = ['Content-Length: 0', 'X-Real-IP: 203.0.113.7']
    assert.equal((await beacon(...sent)).status, 401)
    const statuses = new Set<number>()
    for (let n = 0; n < 61; n++)
      statuses.add((await beacon(RIGHT, 'Content-Length: 0', `X-Real-IP: 203.0.113.${n}`)).status)
    assert.deepEqual([...statuses], [204, 429])
    const script = { path: '/.innkeeper/vitals.js' }
    assert.equal((await edge.ask('127.0.0.2', script)).status, 401)
  })

  it('whoever is refused anyway is not asked, and the app’s answers stay its own', async () => {
    await edge.guard({ ...LOGIN, blocked: ['/metrics'], deny: ['127.0.0.3'] })
    assert.equal((await edge.ask('127.0.0.2', { path: '/metrics' })).status, 404)
    assert.equal((await edge.ask('127.0.0.3')).status, 403)
    const unasked = await edge.ask('127.0.0.2', {
      path: `/raw?text=${encodeURIComponent('HTTP/1.1 401 No\r\nWWW-Authenticate: Own\r\nContent-Length: 3\r\n\r\nown')}`,
      headers: [RIGHT],
    })
    assert.deepEqual([unasked.status, unasked.headers['www-authenticate'], unasked.body], [401, 'Own', 'own'])
  })

  it("a program of this machine is let in at the site's own port, and whoever a web server speaks of is asked", async () => {
    await edge.guard(LOGIN)
    const own = async (...headers: string[]) =>
      (await askFrom('127.0.0.1', { port: edge.running.site.port, headers })).status
    assert.deepEqual([await own(), await own('X-Forwarded-For: 6.6.6.6')], [200, 401])
    assert.equal(await own('X-Forwarded-For: 6.6.6.6', RIGHT), 200)
  })

  it('files are behind it, too', async () => {
    await edge.guard(LOGIN)
    const table = (await edge.running.edge.table('shop'))!
    await edge.running.edge.route('shop', { ...table, services: { web: files(['/usr/share/nginx/html']) } })
    assert.deepEqual([(await ask()).status, (await ask(RIGHT)).status], [401, 200])
  })

  it('a limit holds for guesses', async () => {
    const limits = [{ requests: 2, per: 'minute', burst: 0 }] as const
    await edge.running.edge.configure(opening({ ...edge.running.site, domains: ['shop.example'], limits }))
    await edge.guard({ ...LOGIN, limits: [{ path: '/', by: { by: 'address' }, retrySeconds: 30 }] })
    const got = []
    for (const guess of ['a', 'b', 'c']) got.push((await ask(basic('staging', guess))).status)
    assert.deepEqual(got, [401, 401, 429])
    assert.equal((await ask(RIGHT)).status, 429)
  })

  it('nobody else of this machine reads the hash', async () => {
    const folder = await stat(join(edge.running.home, 'edge/logins'))
    assert.equal(folder.mode & 0o077, 0)
  })

  it('a password that could be another line is refused', async () => {
    for (const password of ['', 'a\nb:c', 'a\0b', 'x'.repeat(201)])
      await assert.rejects(edge.running.edge.admit('shop', { user: 'a', password: new Secret(password) }), {
        code: 'edge.login',
      })
  })
})
