import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { userName } from '../server/src/apps/app/names.ts'
import type { ConnectionMade, ConnectionView, HookAnswer } from '../server/src/apps/connections/wire.ts'
import type { PreviewView } from '../server/src/apps/previews/wire.ts'
import { commit, type Fixture, makeApp, serverJs, yaml } from './kit/app.ts'
import { type Forge, makeForge } from './kit/forge.ts'
import { makeServer, type Server } from './kit/server.ts'

const NAME = 't-pulls'
const KEY = `${NAME}@preview-pr-7`
const TOKEN = 'a-token-that-nobody-else-has'

let server: Server
let app: Fixture
let forge: Forge
let url: string
let made: ConnectionMade
/** Time at the provider, which moves with each event. */
let minute = 0

const git = (...args: string[]) =>
  execFileSync('git', ['-C', app.folder, ...args], { encoding: 'utf8' }).trim()
const bare = () => join(server.home, 'forge/team/shop.git')

/** Commits what is there, and makes it the head of pull request 7. */
async function push(): Promise<string> {
  await commit(app.folder)
  git('push', '-q', '--force', bare(), 'HEAD:refs/pull/7/head')
  return git('rev-parse', 'HEAD')
}

interface Told {
  action: string
  sha: string
  fork?: boolean
  secret?: string
  to?: string
}

/** What GitHub sends. */
function payload({ action, sha, fork = false }: Told): string {
  const repo = { id: 1, full_name: 'team/shop' }
  return JSON.stringify({
    ...{ action, number: 7, sender: { login: 'alice' } },
    pull_request: {
      updated_at: new Date(Date.UTC(2026, 0, 1, 12, minute++)).toISOString(),
      head: { ref: 'feature/Beds', sha, repo: fork ? { id: 2, full_name: 'mallory/shop' } : repo },
      base: { ref: 'main', repo },
    },
  })
}

async function send(body: string, { secret = made.secret, to = url + made.path }: Partial<Told> = {}) {
  const signature = createHmac('sha256', secret).update(body).digest('hex')
  const headers = {
    ...{ 'content-type': 'application/json', 'x-github-event': 'pull_request' },
    'x-hub-signature-256': `sha256=${signature}`,
  }
  const answer = await fetch(to, { method: 'POST', headers, body })
  return { status: answer.status, json: (await answer.json()) as HookAnswer }
}

async function until<T>(read: () => Promise<T>, good: (found: T) => boolean, what: string): Promise<T> {
  for (const end = Date.now() + 40_000; Date.now() < end; await sleep(100)) {
    const found = await read()
    if (good(found)) return found
  }
  return assert.fail(`not in time: ${what}`)
}

const pull = async () =>
  (await server.client.get<ConnectionView[]>('/api/connections').catch(() => []))[0]?.pulls[0]
const listed = async () =>
  (await server.inn(['preview', 'list'])).json as unknown as Array<PreviewView & { url: string }>
const comments = () => forge.comments.map(({ texts }) => texts.at(-1)!)

before(async () => {
  server = await makeServer()
  app = await makeApp(server, NAME, { 'innkeeper.yaml': yaml(NAME), 'server.js': serverJs('v1') })
  const ended = await app.deploy()
  assert.equal(ended.json.outcome, 'done', ended.text)
  execFileSync('git', ['init', '-q', '--bare', bare()])
  forge = await makeForge(join(server.home, 'forge'), TOKEN)
  const connected = await server.inn(
    ['preview', 'connect', NAME, '--repository', `${forge.url}/team/shop.git`, '--provider', 'github'],
    { input: `${TOKEN}\n` },
  )
  made = connected.json as unknown as ConnectionMade
  assert.equal(made.token, true, connected.text)
  // The way from outside: by the edge, at the app's own address.
  url = (await server.app(NAME)).url!
})
after(async () => {
  await server?.inn(['preview', 'disconnect', NAME])
  await server?.remove()
  await forge?.close()
})

test('a pull request that is opened becomes a preview, and its comment says where it answers', async () => {
  const sha = await push()
  const answer = await send(payload({ action: 'opened', sha }))
  assert.deepEqual([answer.status, answer.json.took], [200, true], JSON.stringify(answer.json))
  const up = await until(pull, found => found?.state !== 'building', 'it is up')
  assert.deepEqual([up!.state, up!.commit, up!.who], ['up', sha, 'alice'], up!.said ?? '')
  const [one] = await listed()
  assert.deepEqual([one!.app, one!.pull, one!.branch], [KEY, 7, 'feature/Beds'])
  assert.match(await (await fetch(one!.url)).text(), /v1/)
  await until(
    async () => comments(),
    ([text]) => text?.includes('removed with its data at') ?? false,
    'the comment',
  )
  assert.deepEqual(
    [forge.comments.length, forge.comments[0]!.path],
    [1, '/api/v3/repos/team/shop/issues/7/comments'],
  )
  const { text } = await server.inn(['audit', '--app', KEY])
  assert.match(text, /webhook github \(alice\)/)
})

test('of two pushes the newest wins, also when the keeper dies, and what was sent before changes nothing', async () => {
  await app.write({ 'server.js': serverJs('v2') })
  const older = payload({ action: 'synchronize', sha: await push() })
  await app.write({ 'server.js': serverJs('v3') })
  const sha = await push()
  const newer = payload({ action: 'synchronize', sha })
  assert.equal((await send(older)).json.took, true)
  assert.equal((await send(newer)).json.took, true)
  await server.killKeeper()
  await until(pull, found => found !== undefined, 'the keeper is back')
  assert.equal((await send(newer)).json.took, false)
  assert.equal((await send(older)).json.took, false)
  const up = await until(pull, found => found?.state === 'up', 'the newest is up')
  assert.equal(up!.commit, sha)
  const [one] = await listed()
  assert.match(await (await fetch(one!.url)).text(), /v3/)
})

test('who does not know the secret, and a fork, get nothing', async () => {
  await app.write({ 'server.js': serverJs('stranger') })
  const sha = await push()
  const wrong = await send(payload({ action: 'synchronize', sha }), { secret: 'guessed' })
  assert.equal(wrong.status, 403)
  const fork = await send(payload({ action: 'synchronize', sha, fork: true }))
  assert.deepEqual([fork.status, fork.json.took], [200, false])
  const other = await send(payload({ action: 'closed', sha }), { to: `${url}${made.path.slice(0, -3)}abc` })
  assert.equal(other.status, 404)
  assert.equal((await pull())!.state, 'up')
  assert.match(await (await fetch((await listed())[0]!.url)).text(), /v3/)
})

test('what fails is told with its reason; no secret is in what Innkeeper wrote', async () => {
  await app.write({ 'innkeeper.yaml': 'name: other\nservices: { web: { start: node server.js } }\n' })
  await send(payload({ action: 'synchronize', sha: await push() }))
  const failed = await until(pull, found => found?.state === 'failed', 'it fails')
  assert.match(failed!.said!, /the file is of other/)
  await until(
    async () => comments(),
    ([text]) => text?.includes('the file is of other') ?? false,
    'the comment',
  )
  const written = await Promise.all(
    (await readdir(server.home, { recursive: true, withFileTypes: true }))
      .filter(entry => entry.isFile() && !entry.parentPath.includes('forge'))
      .map(entry => readFile(join(entry.parentPath, entry.name)).catch(() => Buffer.alloc(0))),
  )
  for (const secret of [TOKEN, made.secret, btoa(`x-access-token:${TOKEN}`)])
    assert.equal(
      written.some(bytes => bytes.includes(secret)),
      false,
      secret,
    )
  const { text } = await server.inn(['preview', 'connections'])
  assert.doesNotMatch(text, new RegExp(`${TOKEN}|${made.secret}`))
})

test('one that is closed takes its preview with it', async () => {
  const sha = git('rev-parse', 'HEAD')
  await send(payload({ action: 'closed', sha }))
  await until(pull, found => found?.state === 'removed', 'it is removed')
  assert.deepEqual(await listed(), [])
  await until(
    async () => comments(),
    ([text]) => text === 'The preview was removed with its data.',
    'the comment',
  )
  assert.equal(forge.comments.length, 1)
  const left = await readdir(join(server.home, 'fetches'))
  assert.deepEqual(left, [])
})

test('what is connected goes with the app, and so does the user who fetched for it', async () => {
  const line = new RegExp(`^${userName(server.home, `${NAME}@preview`)}:`, 'm')
  const isThere = async () => line.test(await readFile('/etc/passwd', 'utf8'))
  assert.equal(await isThere(), process.getuid!() === 0)
  const { text } = await server.inn(['remove', NAME, '--data', '--yes'])
  assert.deepEqual(await server.client.get('/api/connections'), [], text)
  assert.equal(await isThere(), false)
})
