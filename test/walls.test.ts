import assert from 'node:assert/strict'
import { glob, readFile } from 'node:fs/promises'
import { basename, dirname, join, normalize } from 'node:path'
import { test } from 'node:test'

const ROOT = join(import.meta.dirname, '..')
const OUTSIDE = ['web', 'demo', 'release', 'test', 'bench', 'examples']
const WINGS = ['apps', 'data', 'reach', 'watch', 'servers']
/** What every noun stands on. */
const GROUND = ['kernel', 'config', 'db', 'engine']
const FIX = 'move the code to the room it belongs to, or change the table in ARCHITECTURE.md with a reason'

interface Source {
  path: string
  text: string
  imports: string[]
}

/** Rows of a table of ARCHITECTURE.md: first cell → what the second one lists. */
async function rowsOf(heading: string): Promise<Map<string, Set<string>>> {
  const text = await readFile(join(ROOT, 'ARCHITECTURE.md'), 'utf8')
  const section = text.split(`## ${heading}\n`)[1]!.split('\n## ')[0]!
  const rows = [...section.matchAll(/^\| ([\w/*.-]+) \|(.*)\|$/gm)].filter(
    row => !['folder', 'file'].includes(row[1]!) && !/^-+$/.test(row[1]!),
  )
  return new Map(
    rows.map(row => [row[1]!, new Set(row[2]!.split(',').flatMap(name => name.trim().split(' ')[0] || []))]),
  )
}

/** `server/src/data/copies/plan.ts` → data/copies; `server/src/kernel/x.ts` → kernel; `web/src/x.tsx` → web. */
function folderOf(path: string): string {
  const parts = path.split('/')
  if (parts[0] !== 'server') return parts[0]!
  return WINGS.includes(parts[2]!) ? `${parts[2]}/${parts[3]}` : parts[2]!
}

/** Schemas and types of what crosses the wire: everybody may read them. */
const isWire = (path: string): boolean => /^server\/.*\/wire(-\w+)?\.ts$/.test(path)

const isCommand = (path: string): boolean => /^server\/src\/\w+\/\w+\/cli(-\w+)?\.ts$/.test(path)

/** Whether a row such as `routes*.ts` is about this file. */
const isSurface = (row: string, path: string): boolean =>
  row.endsWith('*.ts') && new RegExp(`^${row.slice(0, -4)}(-[\\w-]+)?\\.ts$`).test(basename(path))

async function sources(): Promise<Source[]> {
  const paths = await Array.fromAsync(
    glob(['server/src/**/*.ts', 'web/{src,dev}/**/*.{ts,tsx}', '{demo,release}/*.ts'], { cwd: ROOT }),
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
  const allowed = await rowsOf('Walls')
  assert.ok(allowed.size > 15, 'the table was read')
  const broken: string[] = []
  for (const { path, imports } of await sources()) {
    const own = folderOf(path)
    // A noun's surfaces know the toolkit of their surface besides what the noun knows.
    const more = own.includes('/') ? [...allowed].filter(([row]) => isSurface(row, path)) : []
    const ground = own.includes('/') ? GROUND : []
    const may = new Set([
      own,
      ...ground,
      ...(allowed.get(own) ?? []),
      ...more.flatMap(([, names]) => [...names]),
    ])
    for (const target of imports) {
      const inside = target.startsWith('server/') || OUTSIDE.includes(target.split('/')[0]!)
      if (!inside || isWire(target)) continue
      // One command may show what another one shows.
      if (isCommand(path) && isCommand(target)) continue
      const folder = folderOf(target)
      const open = may.has('*') || may.has(folder) || may.has(`${folder.split('/')[0]}/*`)
      if (!open) broken.push(`${path} imports ${target}: ${own} may not know ${folder}`)
    }
  }
  assert.deepEqual(broken, [], FIX)
})

test('every row has a folder, and every folder that is no noun has a row', async () => {
  const rows = [...(await rowsOf('Walls')).keys()].filter(row => !row.endsWith('*.ts'))
  const folders = new Set((await sources()).map(({ path }) => folderOf(path)))
  assert.deepEqual(
    rows.filter(row => !folders.has(row)),
    [],
  )
  assert.deepEqual(
    [...folders].filter(folder => !folder.includes('/') && !rows.includes(folder)),
    [],
  )
})

test('no folder knows itself by way of others', async () => {
  const allowed = await rowsOf('Walls')
  const visit = (folder: string, path: string[]): void => {
    assert.ok(!path.includes(folder), `circle: ${[...path, folder].join(' → ')}`)
    for (const next of allowed.get(folder) ?? []) if (allowed.has(next)) visit(next, [...path, folder])
  }
  for (const folder of allowed.keys()) visit(folder, [])
})

test('the wings stand on each other in one direction', async () => {
  const floors = ['servers', 'reach', 'apps', 'data', 'watch']
  const floor = (path: string) => floors.indexOf(path.split('/')[2]!)
  for (const { path, imports } of await sources()) {
    // A command shows what another one shows.
    if (!path.startsWith('server/') || floor(path) < 0 || isCommand(path)) continue
    const up = imports.filter(target => target.startsWith('server/') && floor(target) > floor(path))
    assert.deepEqual(up, [], `${path}: ${FIX}`)
  }
})

test('no file imports itself by way of others', async () => {
  const all = new Map((await sources()).map(({ path, imports }) => [path, imports]))
  const done = new Set<string>()
  const visit = (path: string, way: string[]): void => {
    assert.ok(!way.includes(path), `circle: ${[...way.slice(way.indexOf(path)), path].join(' → ')}`)
    if (done.has(path)) return
    for (const next of all.get(path) ?? []) visit(next, [...way, path])
    done.add(path)
  }
  for (const path of all.keys()) visit(path, [])
})

test('the folders of the dashboard know each other in one direction', async () => {
  const ways = new Map<string, Set<string>>()
  const room = (path: string) => (path.split('/').length > 3 ? path.split('/')[2]! : null)
  for (const { path, imports } of await sources()) {
    const own = room(path)
    if (!path.startsWith('web/src/') || own === null) continue
    for (const target of imports.filter(name => name.startsWith('web/src/'))) {
      const other = room(target)
      if (other !== null && other !== own) ways.set(own, (ways.get(own) ?? new Set()).add(other))
    }
  }
  assert.ok(ways.size > 5)
  const visit = (folder: string, way: string[]): void => {
    assert.ok(!way.includes(folder), `circle: ${[...way, folder].join(' → ')}`)
    for (const next of ways.get(folder) ?? []) visit(next, [...way, folder])
  }
  for (const folder of ways.keys()) visit(folder, [])
})

test('nothing that runs imports tests, but the commands that are for them', async () => {
  for (const { path, imports } of await sources()) {
    const found = imports.filter(name => name.startsWith('test/') || /\.(test|fixture)\.ts$/.test(name))
    const allowed = path === 'server/src/bin/project.ts' ? ['test/run.ts', 'test/dev.ts'] : []
    assert.deepEqual(
      found.filter(name => !allowed.includes(name)),
      [],
      path,
    )
  }
})

/** Files that plan and decide, by name; ARCHITECTURE.md says the same. */
const PURE =
  /^server\/src\/\w+\/\w+\/(plan|changes|scale|routing|rule(-\w+)?|due|when|choose|choose-dump|policy|counters|attempts|held-ports)\.ts$/

test('what plans and decides is pure: no node modules, no async, no clock, no chance', async () => {
  const pure = (await sources()).filter(({ path }) => PURE.test(path))
  assert.ok(pure.length >= 12)
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
    ['node:child_process', /^server\/src\/drivers\/(host\/exec|runit\/runsvdir|ssh\/tunnel)\.ts$|^demo\//],
    ['node:sqlite', /^server\/src\/(db|engine|drivers\/better-auth)/],
    ['fastify', /^server\/src\/(api\/|\w+\/\w+\/routes)/],
    ['@modelcontextprotocol/server', /^server\/src\/reach\/assistant\/cli\.ts$/],
    ['@modelcontextprotocol/server/stdio', /^server\/src\/reach\/assistant\/cli\.ts$/],
    ['pg', /^server\/src\/drivers\/postgres\//],
    ['commander', /^server\/src\/(cli\/|bin\/|documents\/|\w+\/\w+\/commands)/],
  ]
  for (const { path, imports } of await sources()) {
    for (const [name, home] of homes)
      assert.ok(!imports.includes(name) || home.test(path), `${path} imports ${name}`)
  }
})

test('nothing that a command loads imports node:http, which brings a library of browsers (kernel/http.ts)', async () => {
  for (const { path, text } of await sources()) {
    if (!path.startsWith('server/')) continue
    const run = text.replaceAll(/^import type .*$/gm, '')
    assert.doesNotMatch(run, /'node:http'(?!\))/, path)
  }
})

/** Who reads and writes files itself: drivers, the laptop's side, and what wires or starts the server. */
const MAY_USE_FILES =
  /\.fake\.ts$|^(server\/src\/(drivers|bin|cli|documents|apps\/inspect|api)\/|server\/src\/\w+\/\w+\/cli(-[\w-]+)?\.ts$|server\/src\/config\/(settings|watcher-token|write-schema)\.ts$|demo\/|release\/|web\/)/

test('a noun reaches files through ports alone: root must not follow a path that an app prepared', async () => {
  for (const { path, imports } of await sources()) {
    if (MAY_USE_FILES.test(path) || OF_ROOT.has(path)) continue
    const used = imports.filter(name => name === 'node:fs' || name === 'node:fs/promises')
    assert.deepEqual(used, [], `${path}: read through a Source, or add a method to its port`)
  }
})

/** Files in folders of root's: the log of a build, the logs of services, the keeper's store. */
const OF_ROOT = new Set([
  'server/src/apps/releases/build.ts',
  'server/src/data/tables/routes.ts',
  'server/src/watch/logs/files.ts',
  'server/src/watch/logs/follow.ts',
  'server/src/db/db.ts',
  'server/src/db/file.ts',
])
