import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { apiWith, peopleOf } from '../../api/api.fixture.ts'
import type { Deployer } from './deployer.ts'
import { deployRoutes } from './routes.ts'

/** The routes over a deployer that writes down what it is asked to plan. */
async function keeper(t: TestContext) {
  const crowd = peopleOf({ vera: 'viewer', otto: 'operator', anna: 'admin' })
  const did: unknown[] = []
  const planning =
    (name: string) =>
    async (...all: unknown[]) => {
      did.push([name, ...all])
      return { title: name }
    }
  const names = ['Deploy', 'Rollback', 'Switch', 'Scale', 'Restart', 'Stop', 'Start', 'Remove']
  const deployer = Object.fromEntries(
    names.map(name => [`plan${name}`, planning(name)]),
  ) as unknown as Deployer
  const api = await apiWith(t, crowd, app =>
    deployRoutes(app, {
      deployer,
      async answer(_, asked, plan) {
        did.push(['answer', asked.plan, plan.title])
        return { plan: { title: plan.title, steps: [], cleanup: [], notices: [] } }
      },
    }),
  )
  const post = async (what: string, body: object = {}, cookie = 'otto') => {
    did.length = 0
    const headers = { cookie, host: 'box.test', origin: 'http://box.test' }
    const answer = await api.inject({ method: 'POST', url: `/api/apps/shop/${what}`, headers, payload: body })
    return { status: answer.statusCode, code: answer.json().failure?.code, did: [...did] }
  }
  return { ...crowd, post }
}

test('each change is planned as it was asked for, and answered with its plan or its run', async t => {
  const { post } = await keeper(t)
  const cases: Array<[string, object, unknown[]]> = [
    ['rollback', {}, ['Rollback', 'shop', 'back']],
    ['rollback', { forward: true }, ['Rollback', 'shop', 'forward']],
    ['rollback', { release: 'r1' }, ['Rollback', 'shop', 'r1']],
    ['switch', { colour: 'green' }, ['Switch', 'shop', 'green']],
    ['scale', { instances: { api: 3 } }, ['Scale', 'shop', { api: 3 }]],
    ['restart', {}, ['Restart', 'shop', null]],
    ['stop', {}, ['Stop', 'shop']],
    ['start', {}, ['Start', 'shop']],
  ]
  for (const [what, body, planned] of cases)
    for (const plan of [true, false])
      assert.deepEqual((await post(what, { ...body, plan })).did, [planned, ['answer', plan, planned[0]]])
})

test('the role of who asks goes with a deploy, whose values are in the request alone', async t => {
  const { post } = await keeper(t)
  const { did } = await post('deploys', { upload: 'a'.repeat(64), env: { KEY: 'k' } })
  const [name, app, request, role] = did[0] as [string, string, Record<string, unknown>, string]
  assert.deepEqual([name, app, role], ['Deploy', 'shop', 'operator'])
  assert.deepEqual([request['env'], request['plan'], request['commit']], [{ KEY: 'k' }, false, null])
  assert.equal(((await post('deploys', {}, 'anna')).did[0] as unknown[])[3], 'admin')
})

test('changes take an operator, and removing an admin; nobody else has anything planned', async t => {
  const { post } = await keeper(t)
  for (const what of ['deploys', 'rollback', 'switch', 'scale', 'restart', 'stop', 'start', 'remove']) {
    const { status, did } = await post(what, { colour: 'blue', instances: {} }, 'vera')
    assert.deepEqual([status, did], [403, []], what)
  }
  assert.equal((await post('remove', {})).status, 403)
  assert.deepEqual((await post('remove', { data: true }, 'anna')).did[0], [
    'Remove',
    'shop',
    { plan: false, data: true },
  ])
})

test('what is no change is refused before it is planned', async t => {
  const { post } = await keeper(t)
  const wrong: Array<[string, object]> = [
    ['switch', { colour: 'red' }],
    ['scale', { instances: { api: 65 } }],
    ['scale', { instances: { api: -1 } }],
    ['scale', {}],
    ['deploys', { upload: '../x' }],
    ['deploys', { watchMs: 3_600_001 }],
    ['stop', { plan: 'yes' }],
  ]
  for (const [what, body] of wrong) {
    const { status, did } = await post(what, body)
    assert.deepEqual([status, did], [400, []], `${what} ${JSON.stringify(body)}`)
  }
})
