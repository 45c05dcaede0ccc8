import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import type { Comment } from '../../apps/connections/ports.ts'
import { Provider } from '../../apps/connections/wire.ts'
import { Secret } from '../../kernel/secret.ts'
import { commenting } from './comments.ts'

interface Asked {
  line: string
  login: string | undefined
  body: unknown
}

let asked: Asked[] = []
/** What is answered, the first one first. */
let answers: Array<[number, object]> = []
const server = createServer(async (request, response) => {
  const { headers } = request
  const login = headers.authorization ?? (headers['private-token'] as string | undefined)
  asked.push({ line: `${request.method} ${request.url}`, login, body: await json(request) })
  const [status, said] = answers.shift() ?? [500, {}]
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(said))
})
let port: number

before(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
})
after(() => server.close())

const comment = (provider: Provider, more: Partial<Comment> = {}): Comment => ({
  ...{ provider, api: `http://127.0.0.1:${port}/api`, name: 'team/shop', token: new Secret('t0ken') },
  ...{ number: 7, id: null, text: 'It is up.', ...more },
})

async function written(given: Comment, said: Array<[number, object]>, guarded: number[] = []) {
  asked = []
  answers = said
  return { written: await commenting(new Set(guarded))(given), asked }
}

test('each provider is asked in its own way for a new comment, and for another text of it', async () => {
  const lines: Record<Provider, [string, string, string]> = {
    github: [
      'POST /api/repos/team/shop/issues/7/comments',
      'PATCH /api/repos/team/shop/issues/comments/41',
      'Bearer t0ken',
    ],
    gitea: [
      'POST /api/repos/team/shop/issues/7/comments',
      'PATCH /api/repos/team/shop/issues/comments/41',
      'token t0ken',
    ],
    forgejo: [
      'POST /api/repos/team/shop/issues/7/comments',
      'PATCH /api/repos/team/shop/issues/comments/41',
      'token t0ken',
    ],
    gitlab: [
      'POST /api/projects/team%2Fshop/merge_requests/7/notes',
      'PUT /api/projects/team%2Fshop/merge_requests/7/notes/41',
      't0ken',
    ],
  }
  for (const provider of Provider.options) {
    const [post, edit, login] = lines[provider]
    const body = { body: 'It is up.' }
    const made = await written(comment(provider), [[201, { id: 41 }]])
    assert.deepEqual(made, { written: { id: '41' }, asked: [{ line: post, login, body }] })
    const changed = await written(comment(provider, { id: '41' }), [[200, { id: 41 }]])
    assert.deepEqual(changed, { written: { id: '41' }, asked: [{ line: edit, login, body }] })
  }
})

test('one that somebody deleted is written anew', async () => {
  const { written: id, asked } = await written(comment('github', { id: '41' }), [
    [404, {}],
    [201, { id: 42 }],
  ])
  assert.deepEqual([id, asked.length], [{ id: '42' }, 2])
})

test('what may work later is said to, and what will not is not', async () => {
  const again = async (status: number) => {
    const { written: said } = await written(comment('gitea'), [[status, { message: 'no' }]])
    return 'again' in said && said.again
  }
  assert.deepEqual(
    [await again(500), await again(429), await again(401), await again(403)],
    [true, true, false, false],
  )
  const { written: nobody } = await written(comment('gitea', { api: 'http://127.0.0.1:9/api' }), [])
  assert.equal('again' in nobody && nobody.again, true)
})

test('a port that only the keeper may ask is not asked', async () => {
  for (const host of ['127.0.0.1', 'localhost', '[::1]', '127.1']) {
    const api = `http://${host}:${port}/api`
    const { written: said, asked } = await written(comment('github', { api }), [[201, { id: 1 }]], [port])
    assert.deepEqual([asked, 'why' in said], [[], true], host)
  }
})
