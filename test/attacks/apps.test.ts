import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Fixture, makeApp, serverJs, yaml } from '../kit/app.ts'
import { allDoors } from '../kit/doors.ts'
import { cookieOf, makeToken, member, post, signIn } from '../kit/people.ts'
import { makeServer, type Server } from '../kit/server.ts'

/** Two apps on one server. Whoever has to do with one of them does not even hear the name of the other. */
const HIDDEN = 't-hidden'
const OWN = 't-own'

type Headers = Record<string, string>
let server: Server
let url: string
let own: Fixture
/** A person who is admin of one app, and one of all of them. */
let sara: Headers
let anna: Headers
let hiddenRun: string

before(async () => {
  server = await makeServer()
  url = (await server.status()).keeper.url
  anna = await member(server, url, 'anna@example.com', 'admin')
  sara = await member(server, url, 'sara@example.com', 'none', '--app', `${OWN}=admin`)
  const files = (name: string) => ({ 'innkeeper.yaml': yaml(name), 'server.js': serverJs('v1') })
  own = await makeApp(server, OWN, files(OWN))
  const hidden = await makeApp(server, HIDDEN, files(HIDDEN))
  const deployed = await hidden.deploy()
  assert.equal(deployed.json.outcome, 'done', deployed.text)
  hiddenRun = String(deployed.json['run'] ?? deployed.json.id)
  const { headers } = await makeToken(server, 'alerts', 'operator')
  const alert = { labels: { alertname: 'Bad', app: HIDDEN }, annotations: { summary: `${HIDDEN} is bad` } }
  assert.equal((await post(`${url}/api/v2/alerts`, [alert], headers)).status, 200)
})

after(() => server?.remove())

/** What is answered; of a stream, what comes in the first moments. */
async function answered(path: string, headers: Headers): Promise<{ status: number; text: string }> {
  const over = AbortSignal.timeout(5_000)
  const answer = await fetch(url + path, { headers, signal: over })
  if (!answer.headers.get('content-type')?.startsWith('text/event-stream'))
    return { status: answer.status, text: await answer.text() }
  let text = ''
  const decoder = new TextDecoder()
  // The status is the first event; what is of no run ends there.
  for await (const piece of answer.body!) {
    text += decoder.decode(piece as Uint8Array, { stream: true })
    if (text.includes('data: ')) break
  }
  return { status: answer.status, text }
}

test('a token for one app and for deploys alone deploys that app from elsewhere, and nothing else', async () => {
  const args = ['token', 'add', 'ci', '--app', OWN, '--may', 'deploy']
  const { json } = await server.inn(args)
  const env = { INNKEEPER_URL: url, INNKEEPER_TOKEN: String(json['secret']) }
  const deployed = await own.deploy(['--wait'], { env })
  assert.equal(deployed.json.outcome, 'done', deployed.text)
  const status = await server.inn(['status', OWN], { env })
  assert.equal(status.code, 0, status.text)
  assert.ok(!status.text.includes(HIDDEN), 'its status names no other app')
  for (const denied of [
    ['logs', OWN],
    ['restart', OWN],
    ['run', OWN, 'true'],
    ['backup', 'now', OWN],
    ['token', 'list'],
    ['people', 'list'],
    ['restart', HIDDEN],
  ]) {
    const { code, json: said } = await server.inn(denied, { env })
    assert.ok(code !== 0 && said.failure?.code === 'access.forbidden', `${denied.join(' ')}: ${code}`)
  }
})

test('no list, stream or document that tells apps apart names an app to whom may not see it', async () => {
  const named: string[] = []
  const leaks: string[] = []
  const doors = (await allDoors()).filter(({ method, sorts }) => method === 'GET' && sorts)
  assert.ok(doors.length > 15)
  for (const { url: door } of doors) {
    if (door === '/api/openapi.json') continue
    const path = door.replace('/api/runs/:id', `/api/runs/${hiddenRun}`).replaceAll(/:\w+/g, 'nothing')
    if ((await answered(path, anna)).text.includes(HIDDEN)) named.push(door)
    const seen = await answered(path, sara)
    if (seen.text.includes(HIDDEN) || seen.status >= 500) leaks.push(`${seen.status} ${door}: ${seen.text}`)
  }
  assert.deepEqual(leaks, [])
  // The walk would say nothing if these did not name it to anybody.
  const always = ['/api/alerts', '/api/audit', '/api/events', '/api/runs', '/api/status', '/api/v2/alerts']
  assert.deepEqual(
    always.filter(door => !named.includes(door)),
    [],
  )
})

test('an app that stands in a query, a body or behind an id is asked for too', async () => {
  const refused = [
    `/api/metrics/chart?chart=requests&app=${HIDDEN}`,
    '/api/metrics/chart?query=up',
    `/api/metrics/chart?chart=requests&app=${OWN}&query=up`,
    '/api/metrics/chart?chart=hostCpu',
    `/api/backups?app=${HIDDEN}`,
    `/api/probes?app=${HIDDEN}`,
    `/api/checkins?app=${HIDDEN}`,
    `/api/apps/${HIDDEN}/logs?lines=1`,
    '/api/apps/keeper/logs?lines=1',
    `/api/apps/${OWN}%2F..%2F${HIDDEN}/logs?lines=1`,
  ]
  for (const path of refused) assert.equal((await answered(path, sara)).status, 403, path)
  for (const path of [`/api/runs/${hiddenRun}`, `/api/runs/${hiddenRun}/events`])
    assert.equal((await answered(path, sara)).status, 404, path)
  const posts: Array<[string, unknown, number]> = [
    ['/api/backups', { app: HIDDEN }, 403],
    ['/api/backups', { app: null }, 403],
    ['/api/backups/verify', { app: HIDDEN }, 403],
    [`/api/apps/${HIDDEN}/restart`, {}, 403],
    // What an environment serves is brought into another one by who may change both.
    [`/api/apps/${OWN}/promotions`, { from: 'staging' }, 403],
    [`/api/runs/${hiddenRun}/undo`, {}, 404],
    ['/api/tokens', { name: 'more', role: 'viewer', apps: [HIDDEN] }, 422],
    ['/api/people', { email: 'eve@example.com', role: 'viewer' }, 403],
  ]
  for (const [path, body, status] of posts)
    assert.equal((await post(url + path, body, sara)).status, status, `${path} ${JSON.stringify(body)}`)
  const acked = await post(`${url}/api/alerts/ack`, { occurrences: null }, sara)
  assert.deepEqual(await acked.json(), { acknowledged: [] })
  assert.equal((await answered(`/api/apps/${OWN}`, sara)).status, 200)
  // Of an app that is not there, nothing is said of those that are.
  const { headers } = await makeToken(server, 'ghost', 'admin', '--app', 't-ghost')
  for (const path of ['/api/apps/t-ghost', '/api/apps/t-ghost/logs?lines=1', '/api/apps/t-ghost/metrics']) {
    const { status, text } = await answered(path, headers)
    assert.ok(status === 404 && !/t-hidden|t-own/.test(text), `${path}: ${text}`)
  }
})

test('rights that are taken end sessions, and tokens that were made with them', async () => {
  const made = await post(`${url}/api/tokens`, { name: 'saras', role: 'viewer', apps: [OWN] }, sara)
  const token = { authorization: `Bearer ${((await made.json()) as { secret: string }).secret}` }
  assert.equal((await answered(`/api/apps/${OWN}`, token)).status, 200)
  const changed = await server.inn(['people', 'add', 'sara@example.com', '--app', `${HIDDEN}=viewer`])
  assert.deepEqual(changed.json['ended'], ['saras'])
  assert.equal((await answered(`/api/apps/${OWN}`, token)).status, 401)
  assert.equal((await answered(`/api/apps/${OWN}`, sara)).status, 401, 'and she signs in anew')
  const anew = { cookie: await cookieOf(await signIn(url, 'sara@example.com')) }
  assert.equal((await answered(`/api/apps/${OWN}`, anew)).status, 403)
  assert.equal((await answered(`/api/apps/${HIDDEN}`, anew)).status, 200)
})
