import assert from 'node:assert/strict'
import { test } from 'node:test'
import { folderIn, packagesIn, versionIn, wrongIn } from './reading.ts'

const run = (main: string) => `#!/bin/sh
exec chpst -P -o 65536 env -i sh -c 'eval "$(/bin/cat <&3)"; exec 3<&-; exec "$@"' run /n/bin/node --max-old-space-size=192 ${main} keeper
`

test('the folder of an Innkeeper is read out of the service of its keeper', () => {
  assert.equal(folderIn(run('/opt/innkeeper/server/src/bin/inn.js')), '/opt/innkeeper')
  assert.equal(folderIn(run("'/opt/my inn/server/src/bin/inn.js'")), '/opt/my inn')
  assert.equal(folderIn(run(String.raw`'/opt/o'\''k/server/src/bin/inn.js'`)), "/opt/o'k")
  assert.equal(folderIn(run('/opt/innkeeper/server.js')), null)
  assert.equal(folderIn(''), null)
})

test('a package.json of something else, or none, is no Innkeeper', () => {
  assert.equal(versionIn('{"name":"innkeeper","version":"0.2.0-rc.1"}', '/x'), '0.2.0-rc.1')
  for (const text of [
    null,
    '',
    'null',
    '{"name":"shop","version":"0.2.0"}',
    '{"name":"innkeeper","version":"../../etc"}',
    '{"name":"innkeeper"}',
  ])
    assert.throws(() => versionIn(text, '/x'), { code: 'upgrade.foreign' }, String(text))
})

test('a keeper is right when it is of the version and knows the same apps with the same releases', () => {
  const apps = [
    { name: 'shop', release: 'r3' },
    { name: 'blog', release: null },
  ]
  const wanted = { version: '0.2.0', apps }
  assert.equal(wrongIn({ version: '0.2.0', apps: apps.toReversed() }, wanted), null)
  assert.match(wrongIn({ version: '0.1.0', apps }, wanted)!, /says that it is 0\.1\.0/)
  assert.match(
    wrongIn({ version: '0.2.0', apps: apps.slice(0, 1) }, wanted)!,
    /should know blog with no release/,
  )
  assert.match(
    wrongIn({ version: '0.2.0', apps: [{ name: 'shop', release: 'r2' }, apps[1]!] }, wanted)!,
    /should know shop with r3, and knows shop with r2/,
  )
  assert.match(
    wrongIn({ version: '0.2.0', apps: [...apps, { name: 'x', release: 'r1' }] }, wanted)!,
    /knows x/,
  )
})

test('a launcher says which packages it calls, and by what each is seen', () => {
  assert.deepEqual(packagesIn('  cat <<LIST\nnginx /usr/sbin/nginx\ngit /usr/bin/git\nLIST\n'), [
    { name: 'nginx', path: '/usr/sbin/nginx' },
    { name: 'git', path: '/usr/bin/git' },
  ])
  assert.deepEqual(packagesIn('#!/bin/sh\n'), [])
})
