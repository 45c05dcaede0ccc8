import assert from 'node:assert/strict'
import { glob, readFile } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import { test } from 'node:test'

const ROOT = join(import.meta.dirname, '..')
const OUTSIDE = ['contract', 'web', 'demo', 'test', 'bench', 'examples']

/** Rows of ARCHITECTURE.md's table: folder → folders that it may import. */
async function walls(): Promise<Map<string, Set<string>>> {
  const text = await readFile(join(ROOT, 'ARCHITECTURE.md'), 'utf8')
  const section = text.split('## Walls')[1]!.split('\n## ')[0]!
  const rows = [...section.matchAll(/^\| ([a-z]+) \|(.*)\|$/gm)].filter(row => row[1] !== 'folder')
  return new Map(rows.map(row => [row[1]!, new Set(row[2]!.split(',').map(name => name.trim()))]))
}

/** `server/src/deploys/plan.ts` → deploys; `web/src/x.tsx` → web. */
function folderOf(path: string): string {
  const parts = path.split('/')
  return parts[0] === 'server' ? parts[2]! : parts[0]!
}

async function sources(): Promise<Array<{ path: string; text: string; imports: string[] }>> {
  const paths = await Array.fromAsync(
    glob(['server/src/**/*.ts', 'contract/*.ts', 'web/src/**/*.{ts,tsx}', 'demo/*.ts'], { cwd: ROOT }),
  )
  return Promise.all(
    paths
      .filter(path => !/\.(test|fixture|contract|upstream)\.ts$/.test(path))
      .map(async path => {
        const text = await readFile(join(ROOT, path), 'utf8')
        const found = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(match => match[1]!)
        return {
          path,
          text,
          imports: found.map(name => (name.startsWith('.') ? normalize(join(dirname(path), name)) : name)),
        }
      }),
  )
}

test('each folder imports only what its row in ARCHITECTURE.md allows', async () => {
  const allowed = await walls()
  assert.ok(allowed.size > 15, 'the table was read')
  const broken: string[] = []
  for (const { path, imports } of await sources()) {
    const own = folderOf(path)
    for (const target of imports) {
      const inside = target.startsWith('server/') || OUTSIDE.includes(target.split('/')[0]!)
      const folder = folderOf(target)
      if (inside && folder !== own && !allowed.get(own)?.has(folder))
        broken.push(`${path} imports ${target}: ${own} may not know ${folder}`)
    }
  }
  assert.deepEqual(
    broken,
    [],
    'move the code to the room it belongs to, or change the table in ARCHITECTURE.md with a reason',
  )
})

test('the table has no way round in a circle between nouns', async () => {
  const allowed = await walls()
  const visit = (folder: string, path: string[]): void => {
    assert.ok(!path.includes(folder), `circle: ${[...path, folder].join(' → ')}`)
    for (const next of allowed.get(folder) ?? []) if (allowed.has(next)) visit(next, [...path, folder])
  }
  for (const folder of allowed.keys()) visit(folder, [])
})

test('what plans and decides is pure: no node modules, no async, no clock, no chance', async () => {
  const pure = (await sources()).filter(({ path }) =>
    /server\/src\/\w+\/(plan|changes|scale|table|rule|counters)\.ts$/.test(path),
  )
  assert.ok(pure.length >= 5)
  for (const { path, text, imports } of pure) {
    assert.deepEqual(
      imports.filter(name => name.startsWith('node:') || name.includes('/drivers/')),
      [],
      path,
    )
    assert.doesNotMatch(text, /\basync\b|Date\.now|Math\.random|new Date\(\)/, path)
  }
})

test('child processes, SQLite and Fastify have one home each', async () => {
  const homes: Array<[string, RegExp]> = [
    ['node:child_process', /^server\/src\/drivers\/exec\.ts$|^server\/src\/bin\/tree\.ts$|^demo\/|^test\//],
    ['node:sqlite', /^server\/src\/(db|engine|drivers\/better-auth)/],
    ['fastify', /^server\/src\/(api|bin)\//],
    ['pg', /^server\/src\/drivers\/postgres[\w-]*\.ts$/],
  ]
  for (const { path, imports } of await sources()) {
    for (const [name, home] of homes)
      assert.ok(!imports.includes(name) || home.test(path), `${path} imports ${name}`)
  }
})

/** Who reads and writes files itself: drivers, the laptop's side, and what wires or starts the server. */
const MAY_USE_FILES =
  /\.fake\.ts$|^(server\/src\/(drivers|bin|cli|inspect|api)\/|server\/src\/config\/(settings|write-schema)\.ts$|demo\/|bench\/|test\/|web\/|contract\/)/

test('a noun reaches files through ports alone: root must not follow a path that an app prepared', async () => {
  for (const { path, imports } of await sources()) {
    if (MAY_USE_FILES.test(path) || OF_ROOT.has(path)) continue
    const used = imports.filter(name => name === 'node:fs' || name === 'node:fs/promises')
    assert.deepEqual(used, [], `${path}: read through a Source, or add a method to its port`)
  }
})

/** Files in folders of root's: the log of a build, the logs of services, the keeper's store. */
const OF_ROOT = new Set([
  'server/src/releases/build.ts',
  'server/src/logs/follow.ts',
  'server/src/logs/read.ts',
  'server/src/db/db.ts',
])
