import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { PACKAGES, release } from './build.fixture.ts'

/** A second release of the same, after the first one was built. */
async function again(t: TestContext, more = '') {
  const one = await release(t, PACKAGES, `start: node a.js, build: npm run b${more}`)
  await one.run()
  for (const marker of [...one.markers]) if (marker.includes('/done/')) one.markers.delete(marker)
  one.state.earlier = [{ id: 'r1', at: one.at, tree: '/r1/tree' }]
  one.state.answers['find'] = { stdout: 'node_modules\0web/node_modules\0' }
  one.ran.length = 0
  one.said.length = 0
  return one
}

test('packages that were installed from the same are copied, without what came after the install', async t => {
  const one = await again(t)
  const built = ['.next/standalone/node_modules', '.next/standalone/node_modules/next']
  one.state.compared = { lost: null, added: ['node_modules/.prisma', 'node_modules/a b', ...built] }
  one.state.answers['find'] = { stdout: `node_modules\0web/node_modules\0${built[0]}\0` }
  await one.run()
  const tree = join(one.at, 'tree')
  assert.deepEqual(one.commands().slice(1), [
    `cp -a --reflink=auto -T /r1/tree/node_modules ${tree}/node_modules`,
    `cp -a --reflink=auto -T /r1/tree/web/node_modules ${tree}/web/node_modules`,
    'xargs -0 rm -rf --',
    'grep -rlFIs -m 1 -- /r1/tree/ node_modules web/node_modules',
    'npm run b',
  ])
  assert.equal(
    one.ran.find(command => command.argv[0] === 'xargs')!.input,
    'node_modules/.prisma\0node_modules/a b',
  )
  assert.match(one.said.join('\n'), /the packages of r1/)
})

test('packages that are not as they were, or that say where they lie, are installed', async t => {
  const installs = async (change: (one: Awaited<ReturnType<typeof again>>) => void) => {
    const one = await again(t)
    change(one)
    await one.run()
    const commands = one.commands()
    return {
      installed: commands.includes('npm ci --no-audit --no-fund'),
      removed: commands.includes('rm -rf -- node_modules web/node_modules'),
    }
  }
  const no = { installed: false, removed: false }
  assert.deepEqual(await installs(() => {}), no)
  const only = { installed: true, removed: false }
  const both = { installed: true, removed: true }
  assert.deepEqual(
    await installs(one => (one.state.compared = { lost: 'node_modules/a/index.js', added: [] })),
    only,
  )
  assert.deepEqual(await installs(one => (one.state.compared = { lost: null, added: null })), only)
  assert.deepEqual(await installs(one => (one.state.earlier = [])), only)
  assert.deepEqual(await installs(one => (one.state.answers['find'] = { stdout: '' })), only)
  assert.deepEqual(await installs(one => (one.state.answers['cp'] = { code: 1 })), both)
  assert.deepEqual(
    await installs(one => (one.state.answers['grep'] = { stdout: 'node_modules/a/where.json\n' })),
    both,
  )
})

test('what build tools keep is brought from the newest release, whole or not at all, and not when it has grown too large', async t => {
  const brought = async (bytes: number, fails: boolean, ...there: string[]) => {
    const one = await again(t)
    one.state.cacheBytes = bytes
    if (fails) one.state.answers['cp'] = { code: 1 }
    for (const path of there) one.markers.add(path)
    await one.run()
    const about = one.ran.filter(({ argv }) => argv.join(' ').includes('.next'))
    return { said: one.said.join('\n'), programs: about.map(({ argv }) => argv[0]) }
  }
  const cache = '/r1/tree/.next/cache'
  assert.deepEqual((await brought(5, false)).programs, [])
  assert.deepEqual((await brought(5, false, cache)).programs, ['rm', 'mkdir', 'cp', 'mv'])
  assert.deepEqual((await brought(5, true, cache)).programs, ['rm', 'mkdir', 'cp', 'rm'])
  const large = await brought(2 * 1024 ** 3, false, cache)
  assert.deepEqual(large.programs, [])
  assert.match(large.said, /\.next\/cache of r1 has 2\.0 GB: the build begins without it/)
})
