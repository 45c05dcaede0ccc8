import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { FailureJson } from '../../server/src/kernel/failure.ts'
import type { Status } from '../../server/src/watch/status/wire.ts'
import { type Fixture, makeApp, serverJs, yaml } from '../kit/app.ts'
import { makeToken } from '../kit/people.ts'
import { good } from '../kit/proof.ts'
import { makeServer, type Server } from '../kit/server.ts'

const NAME = 't-place'
let server: Server
let app: Fixture
let url: string
let elsewhere: string
const headers: Record<string, { authorization: string }> = {}

before(async () => {
  server = await makeServer()
  elsewhere = join(server.home, 'elsewhere')
  app = await makeApp(server, NAME, { 'innkeeper.yaml': yaml(NAME), 'server.js': serverJs('v1') })
  good(await app.deploy())
  assert.equal((await server.inn(['people', 'add', 'a@example.com', '--role', 'admin'])).code, 0)
  url = ((await server.client.get('/api/status')) as Status).keeper.url
  for (const role of ['operator', 'admin']) headers[role] = (await makeToken(server, role, role)).headers
})

after(() => server?.remove())

const plan = async (role: string, config: string): Promise<{ status: number; failure?: FailureJson }> => {
  const answer = await fetch(`${url}/api/apps/${NAME}/deploys`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers[role] },
    body: JSON.stringify({ plan: true, config }),
  })
  return { status: answer.status, ...((await answer.json()) as object) }
}

const places = (text: string) => yaml(NAME, `backups: { where: { away: ${text} } }\n`)
const bucket = (more: string) =>
  `{ s3: { endpoint: "https://s3.example.com", bucket: t-bucket, keyId: k, secret: s${more} } }`

test('an operator adds no place to which the data of all apps would go; an admin does', async () => {
  for (const place of [`{ folder: ${elsewhere} }`, '{ folder: /etc }', bucket('')]) {
    const refused = await plan('operator', places(place))
    assert.equal(refused.status, 403, JSON.stringify(refused))
    assert.equal(refused.failure!.code, 'access.forbidden')
  }
  assert.equal((await plan('operator', yaml(NAME))).status, 200)
  assert.equal((await plan('admin', places(`{ folder: ${elsewhere} }`))).status, 200)
  await app.write({ 'innkeeper.yaml': places(`{ folder: ${elsewhere} }`) })
  good(await app.deploy())
  assert.equal((await plan('operator', places(`{ folder: ${elsewhere} }`))).status, 200, 'it is known now')
})

test('what would be another line of a configuration, or another word of a command, is no place', async () => {
  const LINE = '\\nrepo1-path=/canary'
  const texts = [
    `{ folder: "/canary${LINE}" }`,
    `{ folder: "/canary " }`,
    `{ folder: "/canary\\u2028x" }`,
    bucket(`, region: "eu${LINE}"`),
    bucket(`, prefix: "a${LINE}"`),
    bucket(`, prefix: "a'; id; '"`),
    bucket(`, prefix: "../other"`),
    bucket(`, ca: "/ca${LINE}"`),
    bucket('').replace('t-bucket', `"bucket${LINE}"`),
    bucket('').replace('https://s3.example.com', `https://s3.example.com${LINE}`),
  ]
  for (const text of texts) {
    const { status, failure } = await plan('admin', places(text))
    assert.equal(status, 422, `${text}: ${JSON.stringify(failure)}`)
    assert.equal(failure!.code, 'config.invalid')
  }
})
