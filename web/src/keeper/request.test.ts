import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { z } from 'zod'
import { ask, failureFrom, KeeperError } from './request.ts'

const FAILURE = { code: 'app.unknown', what: 'no such app', why: 'none', fix: 'inn status' }
const ANSWERS: Record<string, [number, string]> = {
  '/good': [200, '{"n":1}'],
  '/other': [200, '{"n":"one"}'],
  '/failure': [404, JSON.stringify({ failure: FAILURE })],
  '/down': [503, JSON.stringify({ failure: { ...FAILURE, code: 'database.down' } })],
  '/proxy': [502, '<html>bad gateway</html>'],
  '/library': [401, '{"message":"Invalid email","code":"INVALID"}'],
  '/strange': [418, ''],
}
const server = createServer((request, response) => {
  const [status, text] = ANSWERS[request.url!]!
  response.writeHead(status, { 'content-type': 'text/plain' }).end(text)
})
let base: string

before(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
after(() => server.close())

const Answer = z.object({ n: z.number() })
const refused = async (path: string): Promise<KeeperError> => {
  try {
    await ask(Answer, `${base}${path}`)
  } catch (error) {
    assert.ok(error instanceof KeeperError, String(error))
    return error
  }
  throw new Error(`${path} was taken`)
}

test('an answer is read by its schema, and another shape says to reload', async () => {
  assert.deepEqual(await ask(Answer, `${base}/good`), { n: 1 })
  const { failure } = await refused('/other')
  assert.equal(failure.code, 'dashboard.unknown-answer')
  assert.match(failure.why, /n /)
  assert.match(failure.fix, /reload/)
})

test('a failure of the keeper is shown as it is, also with a status that a proxy could have', async () => {
  const { status, failure } = await refused('/failure')
  assert.deepEqual([status, failure.code, failure.fix], [404, 'app.unknown', 'inn status'])
  assert.equal((await refused('/down')).failure.code, 'database.down')
})

test('a proxy without a keeper, and no answer at all, are the keeper being away', async () => {
  assert.equal((await refused('/proxy')).failure.code, 'keeper.away')
  await assert.rejects(ask(Answer, 'http://127.0.0.1:1/'), (error: KeeperError) => {
    assert.deepEqual([error.status, error.failure.code], [0, 'keeper.away'])
    return true
  })
})

test('what the sign-in library says is kept, and a status without words is named', async () => {
  assert.deepEqual(
    [(await refused('/library')).failure.what, (await refused('/library')).failure.code],
    ['Invalid email', 'INVALID'],
  )
  assert.equal((await refused('/strange')).failure.code, 'http.418')
})

test('a defect of the page is shown as one', () => {
  assert.equal(failureFrom(new TypeError('x is not a function')).code, 'dashboard.defect')
  const known = new KeeperError(404, { ...FAILURE, facts: {} } as never)
  assert.equal(failureFrom(known).code, 'app.unknown')
})
