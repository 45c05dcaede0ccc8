import assert from 'node:assert/strict'
import { mkdir, mkdtemp, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { execOk } from '../host/exec.ts'
import { removeTree } from '../host/files.ts'
import { DEFAULTS, runtimes } from './runtimes.ts'

let at: string

before(async () => {
  // Beside our own Node.js: no file has names on two disks.
  const beside = join(import.meta.dirname, '../../../../node_modules/.cache')
  await mkdir(beside, { recursive: true })
  at = await mkdtemp(join(beside, 'inn-t-runtimes-'))
})
after(() => removeTree(at))

test('our own Node.js and npm are lent without a registry, as more names of the same files', async () => {
  // No name is found there: whatever asked a registry would fail.
  const own = runtimes(at, { npm_config_registry: 'http://127.0.0.1:1' })
  const [node, npm] = await Promise.all([
    own.node(24),
    own.manager('npm', { version: null, node: 24 }),
    own.manager('npm', { version: null, node: 24 }),
  ])
  assert.equal((await stat(join(node, 'node'))).ino, (await stat(process.execPath)).ino)
  const env = { PATH: `${node}:${npm}:/usr/bin:/bin`, HOME: at }
  const said = async (argv: string[]) =>
    (await execOk({ argv, env, timeoutMs: 20_000 }, argv[0]!)).stdout.trim()
  assert.equal(await said(['node', '--version']), process.version)
  assert.equal(await said(['npm', '--version']), DEFAULTS.npm, 'package.json has the version of DEFAULTS')
  assert.equal(await said(['npx', '--version']), DEFAULTS.npm)
})

test('another version comes from the registry, and one that is not reached is told', async () => {
  const away = runtimes(at, { npm_config_registry: 'http://127.0.0.1:1', npm_config_fetch_retries: '0' })
  const order = { version: '11.0.0', node: 24 }
  await assert.rejects(away.manager('npm', order), { code: 'runtime.unavailable', message: /npm@11\.0\.0/ })
})
