import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfigOrFail } from '../../config/read.ts'
import type { Failure } from '../../kernel/failure.ts'
import { heldSource } from '../../kernel/held-source.ts'
import { findInstall, installCommand, pruneCommand } from './install.ts'

const DEPENDENT = JSON.stringify({ dependencies: { pg: '1' } })
const BARE = JSON.stringify({ name: 'x' })

const serviceOf = (more: string) =>
  readConfigOrFail(`name: shop\nservices: { api: { start: node a.js, ${more} } }\n`).services[0]!

const installOf = (files: Record<string, string>, more = '') =>
  findInstall(heldSource(files), serviceOf(more))

test('packages are installed where the lockfile lies, with the manager whose lockfile it is', async () => {
  const npm = { folder: '.', manager: 'npm', version: null }
  assert.deepEqual(await installOf({ 'package.json': DEPENDENT, 'package-lock.json': '' }), npm)
  assert.deepEqual(await installOf({ 'package.json': DEPENDENT, 'npm-shrinkwrap.json': '' }), npm)
  assert.deepEqual(await installOf({ 'package.json': DEPENDENT, 'yarn.lock': '' }), {
    ...npm,
    manager: 'yarn',
  })
  const named = 'packageManager: npm'
  assert.deepEqual(
    await installOf({ 'package.json': DEPENDENT, 'pnpm-lock.yaml': '', 'package-lock.json': '' }, named),
    npm,
  )
})

test('of several lockfiles the one of the named manager is taken; without a name none is guessed', async () => {
  const both = { 'package-lock.json': '', 'yarn.lock': '' }
  const says = (packageManager?: string) => ({
    ...both,
    'package.json': JSON.stringify({ dependencies: { pg: '1' }, packageManager }),
  })
  const npm = { folder: '.', manager: 'npm', version: '11.2.0' }
  assert.deepEqual(await installOf(says('npm@11.2.0')), npm)
  assert.equal((await installOf(says('yarn@4.1.0')))!.manager, 'yarn')
  assert.equal((await installOf(says('npm@11')))!.manager, 'npm')
  assert.equal((await installOf(says(), 'packageManager: npm'))!.manager, 'npm')
  for (const named of [undefined, 'pnpm@9.0.0'])
    await assert.rejects(installOf(says(named)), {
      code: 'build.lockfiles',
      why: /^yarn.lock and package-lock.json may say other versions/,
    })
  const twice = { 'package.json': DEPENDENT, 'package-lock.json': '', 'npm-shrinkwrap.json': '' }
  assert.equal((await installOf(twice))!.manager, 'npm', 'npm itself knows which of its own counts')
})

test('a service in a folder below finds the lockfile of its workspace, and not that of a stranger above it', async () => {
  const below = { 'packages/api/package.json': DEPENDENT, 'package-lock.json': '' }
  const root = 'root: packages/api'
  const npm = { folder: '.', manager: 'npm', version: null }
  const workspace = JSON.stringify({ workspaces: ['packages/*'] })
  assert.deepEqual(await installOf({ ...below, 'package.json': workspace }, root), npm)
  assert.deepEqual(await installOf({ ...below, 'pnpm-workspace.yaml': '' }, root), npm)
  await assert.rejects(installOf({ ...below, 'package.json': BARE }, root), { code: 'build.no-lockfile' })
  const own = { ...below, 'packages/api/yarn.lock': '', 'package.json': workspace }
  assert.deepEqual(await installOf(own, root), { folder: 'packages/api', manager: 'yarn', version: null })
  const without = { 'packages/api/a.js': '', 'package.json': DEPENDENT, 'package-lock.json': '' }
  assert.deepEqual(
    await installOf(without, root),
    npm,
    'what has no package of its own runs with that above it',
  )
})

test('nothing is installed for what depends on nothing, or says itself how', async () => {
  assert.equal(await installOf({ 'package.json': BARE }), null)
  assert.equal(await installOf({ 'a.js': '' }), null)
  assert.equal(await installOf({ 'package.json': DEPENDENT }, 'install: false'), null)
  assert.equal(
    await installOf({ 'package.json': DEPENDENT, 'package-lock.json': '' }, 'install: [npm ci]'),
    null,
  )
})

test('packages without a lockfile, and a package.json that is no JSON, are refused without quoting the file', async () => {
  const dev = JSON.stringify({ devDependencies: { vite: '1' } })
  await assert.rejects(installOf({ 'package.json': dev }), (error: Failure) => {
    assert.equal(error.code, 'build.no-lockfile')
    assert.match(
      error.why,
      /^no pnpm-lock\.yaml, yarn\.lock, package-lock\.json, npm-shrinkwrap\.json in the repository/,
    )
    return true
  })
  await assert.rejects(installOf({ 'package.json': '{"secret": canary' }), (error: Failure) => {
    assert.equal(error.code, 'build.bad-manifest')
    assert.doesNotMatch(JSON.stringify(error), /canary/)
    return true
  })
})

test('the version that package.json declares counts for the manager that it names', async () => {
  const declared = JSON.stringify({ packageManager: 'pnpm@10.4.1', dependencies: { pg: '1' } })
  const version = async (files: Record<string, string>, more = '') => (await installOf(files, more))!.version
  assert.equal(await version({ 'package.json': declared, 'pnpm-lock.yaml': '' }), '10.4.1')
  assert.equal(await version({ 'package.json': declared, 'yarn.lock': '' }), null)
  const workspace = { 'api/package.json': BARE, 'package.json': declared, 'pnpm-lock.yaml': '' }
  assert.equal(await version(workspace, 'root: api'), '10.4.1')
})

test('each manager installs what the lockfile says and nothing else', () => {
  const command = (manager: 'npm' | 'pnpm' | 'yarn', version: string | null = null) =>
    installCommand({ folder: '.', manager, version }).join(' ')
  assert.match(command('npm'), /^npm ci /)
  assert.equal(command('pnpm'), 'pnpm install --frozen-lockfile --config.package-import-method=clone-or-copy')
  assert.match(command('yarn'), /--frozen-lockfile/)
  assert.match(command('yarn', '1.22.22'), /--frozen-lockfile/)
  assert.equal(command('yarn', '4.1.0'), 'yarn install --immutable')
  const prune = (manager: 'npm' | 'pnpm' | 'yarn') =>
    pruneCommand({ folder: '.', manager, version: null }).join(' ')
  assert.match(prune('npm'), /^npm prune --omit=dev/)
  assert.equal(prune('pnpm'), 'pnpm prune --prod')
  assert.match(prune('yarn'), /--production/)
})
