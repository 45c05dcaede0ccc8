import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { z } from 'zod'
import { Failure } from '../kernel/failure.ts'
import { FailureAnswer } from '../kernel/wire.ts'
import { apiWith, peopleOf } from './api.fixture.ts'

const config = { permission: 'public' } as const
const crowd = peopleOf({ anna: 'admin' })

const apiThat = (t: TestContext, work: () => unknown) =>
  apiWith(t, crowd, app => {
    const body = z.object({ n: z.number().max(9), list: z.array(z.object({ name: z.string() })).default([]) })
    app.post('/api/x', { config, schema: { body } }, async () => work())
    app.get(
      '/api/x',
      { config, schema: { response: { 200: z.object({ n: z.number() }) } } },
      async () => work() as { n: number },
    )
  })

/** What a failing answer says; it has to have the shape of the wire. */
const failure = (answer: { statusCode: number; json(): unknown }) => ({
  status: answer.statusCode,
  ...FailureAnswer.strict().parse(answer.json()).failure,
})

test('a failure leaves with its status and everything that it says', async t => {
  const api = await apiThat(t, () => {
    throw new Failure('app.unknown', 'there is no app x', {
      why: 'none',
      fix: 'inn status',
      facts: { name: 'x' },
    })
  })
  assert.deepEqual(failure(await api.inject('/api/x')), {
    status: 404,
    code: 'app.unknown',
    what: 'there is no app x',
    why: 'none',
    fix: 'inn status',
    facts: { name: 'x' },
  })
})

test('what nobody foresaw is a defect: 500, said as one, and logged with its stack', async t => {
  const logged = t.mock.method(console, 'error', () => {})
  const api = await apiThat(t, () => {
    throw new TypeError('x is undefined')
  })
  const { status, code, what } = failure(await api.inject('/api/x?secret=1'))
  assert.deepEqual([status, code, what], [500, 'internal', 'x is undefined'])
  const line = JSON.parse(String(logged.mock.calls[0]!.arguments[0])) as Record<string, string>
  assert.equal(line['level'], 'error')
  assert.match(line['error']!, /TypeError: x is undefined\n +at /)
})

test('a body of another shape is told by the place in it; one that cannot be read, and one too large, are too', async t => {
  const api = await apiThat(t, () => ({ n: 1 }))
  const post = (payload: string, type = 'application/json') =>
    api.inject({ method: 'POST', url: '/api/x', payload, headers: { 'content-type': type } }).then(failure)
  const wrong = await post('{"n":"1","list":[{"name":2}]}')
  assert.deepEqual([wrong.status, wrong.code], [400, 'request.invalid'])
  assert.match(wrong.why, /^n: .*\nlist\.0\.name: /)
  assert.equal((await post('{"n":10}')).why, 'n: 9 at most')
  assert.match((await post('{"n"')).what, /cannot be read/)
  assert.deepEqual(
    [(await post('n=1', 'application/xml')).status, (await post('n=1', 'application/xml')).code],
    [415, 'request.invalid'],
  )
  const large = await post(JSON.stringify({ n: 1, list: [{ name: 'x'.repeat(1024 * 1024) }] }))
  assert.deepEqual([large.status, large.code], [413, 'request.invalid'])
})

test('an answer that is not what the route promises does not leave', async t => {
  const logged = t.mock.method(console, 'error', () => {})
  const api = await apiThat(t, () => ({ n: 'no number', secret: 'canary' }))
  const answer = await api.inject('/api/x')
  assert.equal(failure(answer).status, 500)
  assert.equal(logged.mock.callCount(), 1)
  const good = await apiThat(t, () => ({ n: 1, secret: 'canary' }))
  assert.equal((await good.inject('/api/x')).body, '{"n":1}', 'nor anything beyond it')
})

test('every answer, good or bad, forbids frames, foreign scripts and guessing of types', async t => {
  const api = await apiThat(t, () => ({ n: 1 }))
  for (const url of ['/api/x', '/api/none', '/apps/shop']) {
    const { headers } = await api.inject(url)
    assert.match(String(headers['content-security-policy']), /default-src 'self'.*frame-ancestors 'none'/)
    assert.deepEqual(
      ['x-content-type-options', 'x-frame-options', 'referrer-policy'].map(name => headers[name]),
      ['nosniff', 'DENY', 'same-origin'],
    )
  }
})

test('the document names whom each route is for, and is not for everybody', async t => {
  const api = await apiThat(t, () => ({ n: 1 }))
  assert.equal((await api.inject('/api/openapi.json')).statusCode, 401)
  const { paths } = (await api.inject({ url: '/api/openapi.json', headers: { cookie: 'anna' } })).json() as {
    paths: Record<string, Record<string, Record<string, unknown>>>
  }
  assert.equal(paths['/api/x']!['post']!['x-permission'], 'public')
})

test('addresses of the dashboard get its page, those of the API and its files never do', async t => {
  const webFolder = await mkdtemp(join(tmpdir(), 'inn-web-'))
  t.after(() => rm(webFolder, { recursive: true }))
  await mkdir(join(webFolder, 'assets'))
  await writeFile(join(webFolder, 'index.html'), 'the page')
  await writeFile(join(webFolder, 'assets/a-1.js'), 'code')
  await writeFile(join(webFolder, 'secret'), 'canary')
  const api = await apiWith(t, { ...crowd, webFolder }, () => {})
  const get = (url: string, accept = 'text/html,*/*') => api.inject({ url, headers: { accept } })
  const page = await get('/apps/shop')
  assert.deepEqual([page.statusCode, page.body], [200, 'the page'])
  assert.equal(page.headers['cache-control'], undefined)
  const asset = await get('/assets/a-1.js', '*/*')
  assert.deepEqual([asset.statusCode, asset.body], [200, 'code'])
  assert.match(String(asset.headers['cache-control']), /max-age=31536000, immutable/)
  assert.equal(failure(await get('/api/none')).code, 'route.unknown')
  assert.equal(failure(await get('/apps/shop', 'application/json')).status, 404)
  assert.equal(
    failure(await api.inject({ method: 'POST', url: '/apps/shop?x=1', headers: { accept: 'text/html' } }))
      .what,
    'there is no POST /apps/shop',
  )
  for (const url of ['/assets/../secret', '/assets/%2e%2e/secret', '/assets/..%2fsecret', '/assets/none.js'])
    assert.doesNotMatch((await get(url, '*/*')).body, /canary/, url)
})

test('a dashboard that was not built says how it is', async t => {
  const api = await apiWith(t, crowd, () => {})
  const { code, why, fix } = failure(await api.inject({ url: '/', headers: { accept: 'text/html' } }))
  assert.deepEqual([code, why], ['route.unknown', 'the dashboard was not built'])
  assert.match(fix, /inn up/)
})
