import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { execOk } from '../../server/src/drivers/host/exec.ts'
import { packSdk } from '../../test/kit/sdk.ts'

const ROOT = join(import.meta.dirname, '../..')
const VENDORED = ['hostel', 'clinic/server', 'catering', 'events', 'motel/api'].map(
  name => `examples/${name}/vendor/innkeeper-sdk-0.1.0.tgz`,
)

async function unpacked(bytes: Buffer): Promise<Record<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), 'inn-p-'))
  try {
    await writeFile(join(folder, 'sdk.tgz'), bytes)
    await execOk({ argv: ['tar', '-xzf', 'sdk.tgz'], cwd: folder, timeoutMs: 20_000 }, 'tar')
    const paths = (await readdir(join(folder, 'package'), { recursive: true, withFileTypes: true }))
      .filter(one => one.isFile())
      .map(one => join(one.parentPath, one.name))
      .sort()
    const texts = paths.map(async path => [path.slice(folder.length), await readFile(path, 'utf8')] as const)
    return Object.fromEntries(await Promise.all(texts))
  } finally {
    await rm(folder, { recursive: true })
  }
}

test('what is published has no dependencies, its types, and nothing but Node.js in it', async () => {
  const { bytes } = await packSdk()
  const files = await unpacked(bytes)
  const manifest = JSON.parse(files['/package/package.json']!) as Record<string, unknown>
  assert.deepEqual([manifest['dependencies'], manifest['peerDependencies']], [undefined, undefined])
  for (const [path, text] of Object.entries(files)) {
    if (!/\.(?:js|d\.ts)$/.test(path)) continue
    for (const [, name] of text.matchAll(/(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g))
      assert.match(name!, /^(?:node:[\w/]+|\.\/[\w-]+\.(?:js|ts))$/, `${path} imports ${name}`)
  }
  assert.ok(files['/package/dist/messages.d.ts'])
  for (const path of VENDORED)
    assert.deepEqual(
      await unpacked(await readFile(join(ROOT, path))),
      files,
      `${path} is older than sdk/: \`node sdk/vendor.ts\` packs it anew, then \`npm install ./vendor/…\` in that folder`,
    )
  for (const name of ['health', 'drain', 'metrics']) assert.ok(files[`/package/dist/${name}.d.ts`], name)
})
