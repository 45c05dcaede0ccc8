import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { makeForge } from '../../../../test/kit/forge.ts'
import { homeAt } from '../../config/home.ts'
import { Secret } from '../../kernel/secret.ts'
import { findAccount } from '../host/users.ts'
import { fetching } from './fetch.ts'

const TOKEN = 'a-token-of-the-forge'

/** A forge with one repository, whose pull request 1 has these files; and what fetches from it. */
async function forged(t: TestContext, files: Record<string, string>) {
  const home = await mkdtemp(join(tmpdir(), 'inn-fetch-'))
  await chmod(home, 0o711)
  const bare = join(home, 'forge/team/shop.git')
  const source = join(home, 'source')
  await mkdir(source)
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', source, '-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
      encoding: 'utf8',
    }).trim()
  git('init', '-q', '-b', 'main')
  for (const [path, text] of Object.entries(files)) await writeFile(join(source, path), text)
  git('add', '.')
  git('commit', '-q', '-m', 'Beds')
  const push = () => {
    execFileSync('git', ['init', '-q', '--bare', bare])
    git('push', '-q', '--force', bare, 'HEAD:refs/pull/1/head')
    return git('rev-parse', 'HEAD')
  }
  const forge = await makeForge(join(home, 'forge'), TOKEN)
  t.after(async () => {
    await forge.close()
    await rm(home, { recursive: true, force: true })
  })
  let archive = ''
  const bring = fetching({
    ...{ home: homeAt(home), network: {}, cgroup: () => null },
    account: async () => (process.getuid!() === 0 ? findAccount('nobody') : null),
    uploads: {
      async save(_, body) {
        archive = gunzipSync(await buffer(body as never)).toString('latin1')
      },
    },
  })
  const wish = (commit: string, more = {}) => ({
    ...{ app: 'shop', url: `${forge.url}/team/shop.git`, token: new Secret(TOKEN), ref: 'refs/pull/1/head' },
    ...{ commit, ...more },
  })
  const fetched = (commit: string, more = {}) => bring(wish(commit, more), new AbortController().signal)
  return { home, git, push, fetched, forge, archive: () => archive, source }
}

const scratch = async (home: string) => readdir(homeAt(home).fetches)

test('neither the repository, its server nor the user’s configuration has a say in what is fetched', async t => {
  const { home, push, fetched, archive } = await forged(t, {
    'innkeeper.yaml': 'name: shop\n',
    'left-out.txt': 'is there all the same',
    '.gitattributes': 'left-out.txt export-ignore\n*.txt filter=evil\ninnkeeper.yaml export-subst ident\n',
  })
  const own = process.env['HOME']
  t.after(() => {
    process.env['HOME'] = own
  })
  process.env['HOME'] = home
  await writeFile(join(home, '.gitconfig'), `[url "http://127.0.0.1:9/"]\ninsteadOf = http://127.0.0.1\n`)
  const { upload, line } = await fetched(push())
  assert.match(upload, /^[0-9a-f]{64}$/)
  assert.match(line, /^[0-9a-f]{7} Beds$/)
  assert.match(archive(), /innkeeper\.yaml.*is there all the same/s)
  assert.deepEqual(await scratch(home), [])
})

test('a commit with submodules is refused, and nothing of a fetch is left', async t => {
  const { home, git, push, fetched } = await forged(t, { 'innkeeper.yaml': 'name: shop\n' })
  git('update-index', '--add', '--cacheinfo', `160000,${git('rev-parse', 'HEAD')},lib`)
  git('commit', '-q', '-m', 'With another')
  await assert.rejects(fetched(push()), { code: 'source.submodule' })
  assert.deepEqual(await scratch(home), [])
})

test('a commit that comes a moment later is waited for; one that is gone, or closed to the token, says so', async t => {
  const { git, push, fetched, source, forge } = await forged(t, { 'innkeeper.yaml': 'name: shop\n' })
  push()
  await writeFile(join(source, 'more.txt'), 'more')
  git('add', '.')
  git('commit', '-q', '-m', 'Later')
  const later = fetched(git('rev-parse', 'HEAD'))
  setTimeout(push, 500)
  assert.match((await later).line, /Later/)
  await assert.rejects(
    fetched(git('rev-parse', 'HEAD'), { token: new Secret('another-token') }),
    (error: Error & { why: string }) => {
      assert.equal((error as { code?: string }).code, 'connection.fetch')
      assert.doesNotMatch(error.why, /another-token/)
      return true
    },
  )
  assert.ok(forge.refused > 0)
})

test('a server that sends elsewhere is not followed, so that the token goes nowhere else', async t => {
  const { push, fetched, forge } = await forged(t, { 'innkeeper.yaml': 'name: shop\n' })
  const commit = push()
  let asked = 0
  const elsewhere = createServer((request, response) => {
    asked++
    response.writeHead(301, { location: `${forge.url}${request.url}` }).end()
  })
  await new Promise<void>(resolve => elsewhere.listen(0, '127.0.0.1', resolve))
  t.after(() => elsewhere.close())
  const { port } = elsewhere.address() as AddressInfo
  await assert.rejects(fetched(commit, { url: `http://127.0.0.1:${port}/team/shop.git` }), {
    code: 'connection.fetch',
  })
  assert.ok(asked > 0)
  assert.equal(forge.refused, 0, 'nobody came there')
})
