import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { access, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { Header } from 'tar'
import { listeningOn } from '../server/src/drivers/host/proc.ts'
import type { Run } from '../server/src/engine/wire.ts'
import { describe } from '../server/src/kernel/failure.ts'
import { type Fixture, makeApp, serverJs, yaml } from './kit/app.ts'
import { emptyApi } from './kit/doors.ts'
import { processesOf } from './kit/processes.ts'
import { type Proof, prove } from './kit/proof.ts'
import { type Ended, makeServer, type Server } from './kit/server.ts'

const NAME = 't-gate'

let server: Server
let app: Fixture
let proof: Proof
let url: string

before(async () => {
  server = await makeServer()
  app = await makeApp(server, NAME, { 'innkeeper.yaml': yaml(NAME), 'server.js': serverJs('v1') })
  proof = await prove(server, app)
  url = (await server.status()).keeper.url
})

after(async () => {
  await proof?.visitors.leave()
  await server?.remove()
})

type Entry = Exclude<NonNullable<ConstructorParameters<typeof Header>[0]>, Buffer> & { body?: string }

/** An archive as no honest program would write it. */
function archive(...hostile: Entry[]): Buffer {
  const honest: Entry[] = [
    { path: 'innkeeper.yaml', body: yaml(NAME) },
    { path: 'server.js', body: serverJs('hostile') },
  ]
  const blocks = [...honest, ...hostile].map(fields => {
    const { body = '', ...header } = { type: 'File' as const, mode: 0o644, ...fields } as Entry & {
      type: 'File'
    }
    const block = Buffer.alloc(512)
    new Header({ ...header, size: Buffer.byteLength(body) }).encode(block, 0)
    return Buffer.concat([
      block,
      Buffer.from(body),
      Buffer.alloc((512 - (Buffer.byteLength(body) % 512)) % 512),
    ])
  })
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]))
}

/** Uploads these bytes and deploys them, past the command line and its own checks. */
async function send(
  bytes: Buffer,
  digest = createHash('sha256').update(bytes).digest('hex'),
): Promise<Ended> {
  try {
    await server.client.put(`/api/uploads/${digest}`, Readable.from([bytes]), bytes.length)
    const { run } = await server.client.post<{ run: { id: string } }>(`/api/apps/${NAME}/deploys`, {
      upload: digest,
    })
    for (const end = Date.now() + 120_000; ; await sleep(50)) {
      assert.ok(Date.now() < end, 'the run ends')
      const now = await server.client.get<Run>(`/api/runs/${run.id}`)
      if (now.state === 'ended')
        return { code: 1, json: { ...now, run: run.id, ms: 0 }, text: JSON.stringify(now) }
    }
  } catch (error) {
    return { code: 1, json: { failure: describe(error) }, text: String(error) }
  }
}

const hostile: Record<string, Entry[]> = {
  'a path out of the folder': [{ path: '../../../escaped', body: 'x' }],
  'a path out of the folder, by a detour': [{ path: 'a/../../escaped', body: 'x' }],
  'an absolute path': [{ path: '/tmp/t-gate-escaped', body: 'x' }],
  'a link out of the folder': [{ path: 'etc', type: 'SymbolicLink', linkpath: '../../../../../../etc' }],
  'a link to an absolute path': [{ path: 'etc', type: 'SymbolicLink', linkpath: '/etc' }],
  'links that leave together': [
    { path: 's', type: 'SymbolicLink', linkpath: '.' },
    { path: 'out', type: 'SymbolicLink', linkpath: 's/s/s/../../..' },
  ],
  'a file through a link': [
    { path: 'a', type: 'SymbolicLink', linkpath: '/tmp' },
    { path: 'a/t-gate-escaped', body: 'x' },
  ],
  'a hard link out of the folder': [{ path: 'passwd', type: 'Link', linkpath: '/etc/passwd' }],
  'a hard link up': [{ path: 'key', type: 'Link', linkpath: '../../../../keeper.db' }],
  'a device': [{ path: 'disk', type: 'BlockDevice', devmaj: 8, devmin: 0 }],
  'a terminal': [{ path: 'tty', type: 'CharacterDevice', devmaj: 5, devmin: 0 }],
  'a pipe': [{ path: 'pipe', type: 'FIFO' }],
}

for (const [name, entries] of Object.entries(hostile)) {
  test(`an archive with ${name} is refused`, async () => {
    const bytes = archive(...entries)
    const failure = await proof.harmless('archive.refused', () => send(bytes))
    assert.ok(entries.some(entry => failure.why.includes(entry.path!)))
    await assert.rejects(access('/tmp/t-gate-escaped'))
    assert.ok(!(await readdir(join(server.home, 'apps', NAME))).includes('escaped'))
  })
}

test('what is no archive, or not the one that was announced', async () => {
  await proof.harmless('archive.broken', () => send(gzipSync(Buffer.from('hello '.repeat(1000)))))
  await proof.harmless('archive.broken', () => send(Buffer.from('not even gzip '.repeat(100))))
  const wrong = createHash('sha256').update('something else').digest('hex')
  await proof.harmless('upload.mismatch', () => send(archive(), wrong))
  const { present } = await server.client.get<{ present: boolean }>(`/api/uploads/${wrong}`)
  assert.equal(present, false)
})

test('after all of these, the next good deploy works', () => proof.recovers())

interface Asked {
  method?: string
  token?: string
  body?: unknown
}

async function http(path: string, { method = 'GET', token, body }: Asked = {}) {
  const answer = await fetch(url + path, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  const { failure } = JSON.parse(text) as { failure?: { code: string } }
  return { status: answer.status, code: failure?.code }
}

const EVERYTHING: Array<[string, Asked?]> = [
  ['/api/status'],
  ['/api/runs'],
  ['/api/events'],
  ['/api/people'],
  ['/api/openapi.json'],
  [`/api/apps/${NAME}/logs`],
  [`/api/apps/${NAME}/rollback`, { method: 'POST', body: {} }],
  [`/api/apps/${NAME}/commands`, { method: 'POST', body: { argv: ['id'] } }],
  ['/api/people', { method: 'POST', body: { email: 'eve@example.com' } }],
  ['/api/tokens', { method: 'POST', body: { name: 'eve' } }],
]

test('nothing answers over HTTP before a person exists, and nothing to a stranger after', async () => {
  for (const [path, asked] of EVERYTHING)
    assert.deepEqual(await http(path, asked), { status: 401, code: 'access.closed' }, path)
  assert.deepEqual(await http('/api/auth/sign-in/email', { method: 'POST', body: {} }), {
    status: 401,
    code: 'access.closed',
  })
  const added = await server.inn(['people', 'add', 'anna@example.com', '--role', 'admin'])
  assert.equal(added.code, 0, added.text)
  for (const [path, asked] of EVERYTHING) {
    assert.deepEqual(await http(path, asked), { status: 401, code: 'access.unknown' }, path)
    assert.deepEqual(
      await http(path, { ...asked, token: 'inn_wrong_0123456789' }),
      { status: 401, code: 'access.unknown' },
      path,
    )
  }
})

async function token(role: string): Promise<string> {
  const ended = await server.inn(['token', 'add', `ci-${role}`, '--role', role])
  assert.equal(ended.code, 0, ended.text)
  return ended.json['secret'] as string
}

test('people are listed and removed', async () => {
  await server.inn(['people', 'add', 'ben@example.com'])
  const list = async () =>
    ((await server.inn(['people', 'list'])).json as unknown as Array<{ email: string }>).map(p => p.email)
  assert.deepEqual(await list(), ['anna@example.com', 'ben@example.com'])
  assert.equal((await server.inn(['people', 'remove', 'ben@example.com'])).code, 0)
  assert.deepEqual(await list(), ['anna@example.com'])
  assert.equal(
    (await server.inn(['people', 'remove', 'ben@example.com'])).json.failure!.code,
    'person.unknown',
  )
})

test('everything that changes something is in the audit log: who, what, with what outcome', async () => {
  const run = await server.inn(['run', '--app', NAME, '--', 'node', '-e', 'process.exit(3)'])
  assert.equal(run.code, 3)
  const entries =
    await server.client.get<
      Array<{ actor: string; action: string; detail: string; outcome: string; run: string | null }>
    >('/api/audit')
  const told = (action: string) => entries.find(entry => entry.action === action)!
  assert.equal(told('run').outcome, 'exit code 3')
  assert.equal(told('people remove').detail, 'ben@example.com')
  assert.equal(told('deploy').outcome, 'done')
  assert.ok(told('deploy').run !== null && told('deploy').actor.length > 0)
})

test('a token that is removed is refused at once', async () => {
  const secret = await token('viewer')
  assert.equal((await http('/api/status', { token: secret })).status, 200)
  assert.equal((await server.inn(['token', 'remove', 'ci-viewer'])).code, 0)
  assert.equal((await http('/api/status', { token: secret })).status, 401)
  assert.equal((await server.inn(['token', 'list'])).text.trim(), '[]')
})

test('a token does what its role may, and is not stored in the clear', async () => {
  const viewer = await token('viewer')
  const operator = await token('operator')
  assert.equal((await http('/api/status', { token: viewer })).status, 200)
  const rollback = { method: 'POST', body: { plan: true } }
  const path = `/api/apps/${NAME}/rollback`
  assert.deepEqual(await http(path, { ...rollback, token: viewer }), {
    status: 403,
    code: 'access.forbidden',
  })
  assert.equal((await http(path, { ...rollback, token: operator })).status, 200)
  assert.deepEqual(await http('/api/people', { token: operator }), { status: 403, code: 'access.forbidden' })
  const remote = { INNKEEPER_URL: url, INNKEEPER_TOKEN: operator }
  const ended = await app.deploy([], { env: remote })
  assert.equal(ended.json.outcome, 'done', ended.text)
  const refused = await app.deploy([], { env: { ...remote, INNKEEPER_TOKEN: viewer } })
  assert.equal(refused.json.failure!.code, 'access.forbidden', refused.text)
  const names = (await readdir(server.home)).filter(name => name.startsWith('keeper.db'))
  for (const name of names) {
    const bytes = await readFile(join(server.home, name))
    assert.ok(!bytes.includes(viewer) && !bytes.includes(operator), `a token is in ${name}`)
  }
})

test("the socket is its owner's, and no part of the home listens beyond loopback", async () => {
  assert.equal((await stat(join(server.home, 'run/keeper.sock'))).mode & 0o777, 0o600)
  const pids = await processesOf(server.home)
  const found = (await Promise.all(pids.map(listeningOn))).flat()
  assert.ok(found.length >= 3)
  assert.deepEqual(
    found.filter(l => l.open),
    [],
  )
})

test('a route that names no permission ends the start of the API', async () => {
  const api = await emptyApi([])
  assert.throws(() => api.get('/api/forgotten', async () => 'secret'), /names no permission/)
  await api.close()
})
