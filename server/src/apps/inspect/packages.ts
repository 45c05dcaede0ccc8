import { NODE_MAJORS } from '../../config/schema.ts'
import { putAside } from './dead.ts'
import type { Found, Manager, PackageFacts, TypeScriptFacts } from './facts.ts'
import { folderOf, join, nameOf, type Tree, under } from './tree.ts'

export interface Manifest {
  folder: string
  json: Record<string, unknown>
}

/** Every package.json that can be read, and the reason for each that cannot. */
export async function manifests(
  tree: Tree,
  paths: readonly string[],
): Promise<{ found: Manifest[]; broken: Array<{ path: string; why: string }> }> {
  const found: Manifest[] = []
  const broken: Array<{ path: string; why: string }> = []
  for (const path of paths.filter(
    p =>
      nameOf(p) === 'package.json' && !putAside(p) && !/(?:^|\/)(?:fixtures|__tests__|templates?)\//.test(p),
  )) {
    const text = await tree.read(path)
    if (text === null) broken.push({ path, why: 'it is too large, or a pointer to large-file storage' })
    else {
      try {
        const json: unknown = JSON.parse(text)
        if (typeof json === 'object' && json !== null && !Array.isArray(json))
          found.push({ folder: folderOf(path), json: json as Record<string, unknown> })
        else broken.push({ path, why: 'it is no JSON object' })
      } catch (error) {
        broken.push({ path, why: (error as Error).message.split('\n')[0]! })
      }
    }
  }
  return { found, broken }
}

export const strings = (value: unknown): Record<string, string> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(
        Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
      )
    : {}

export const text = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : null

const LOCKFILES: ReadonlyArray<[string, Manager]> = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['package-lock.json', 'npm'],
  ['npm-shrinkwrap.json', 'npm'],
]

/** The lockfile that an install in a folder uses: the nearest one at or above it, as in the build. `rivals`: others beside it, when nothing says which one counts. */
export function lockfileOf(
  folder: string,
  paths: ReadonlySet<string>,
  all: readonly Manifest[],
): { manager: Manager; lockfile: string | null; rivals: string[] } {
  const declared = [folder, '.']
    .map(at => text(all.find(m => m.folder === at)?.json['packageManager'])?.split('@')[0])
    .find(value => value !== undefined)
  for (let at = folder; ; at = folderOf(at)) {
    const found = LOCKFILES.filter(([file]) => paths.has(join(at, file)))
    const named = found.find(([, manager]) => manager === declared)
    const hit = named ?? found[0]
    if (hit !== undefined) {
      const several = named === undefined && new Set(found.map(([, manager]) => manager)).size > 1
      return { manager: hit[1], lockfile: at, rivals: several ? found.map(([file]) => join(at, file)) : [] }
    }
    if (at === '.') break
  }
  const manager = declared === 'pnpm' || declared === 'yarn' ? declared : 'npm'
  return { manager, lockfile: null, rivals: [] }
}

/** The major version for a range such as 20.x, ^22.1 or >=20 <23. An open range allows the default. */
export function majorOf(range: string): number | null {
  if (/lts\/(\w+)/i.test(range))
    return (
      { krypton: 24, jod: 22, iron: 20, hydrogen: 18, gallium: 16 }[
        /lts\/(\w+)/i.exec(range)![1]!.toLowerCase()
      ] ?? null
    )
  const bound = /<\s*(=?)\s*v?(\d+)/.exec(range)
  const most = bound === null ? Infinity : Number(bound[2]) - (bound[1] === '=' ? 0 : 1)
  const majors = [...range.matchAll(/(?:^|[\s|^~>=v])v?(\d{2})(?=[.\sx|<*-]|$)/g)]
    .map(match => Number(match[1]))
    .filter(n => n >= 16 && n <= 99)
  if (majors.length === 0) return null
  if (!range.includes('>')) return Math.max(...majors)
  // 24 unless the range ends before it; even majors, because they have long-term support.
  const open = Math.max(Math.min(24, most), Math.min(...majors))
  return open % 2 === 1 && majors.every(n => n < open) ? open - 1 : open
}

/** The nearest major that innkeeper.yaml may name: an odd one had no long-term support, and those before 16 are not brought. */
function supported(major: number | null): number | null {
  if (major === null) return null
  return NODE_MAJORS.find(known => known >= major) ?? NODE_MAJORS.at(-1)!
}

/** The Node.js version that a folder asks for: its own files first, then those above, then its Dockerfile. */
export async function nodeOf(
  tree: Tree,
  { folder, paths, all }: { folder: string; paths: readonly string[]; all: readonly Manifest[] },
): Promise<Found<number> | null> {
  const set = new Set(paths)
  for (let at = folder; ; at = folderOf(at)) {
    for (const file of ['.nvmrc', '.node-version']) {
      const path = join(at, file)
      const major = supported(set.has(path) ? majorOf((await tree.read(path))?.trim() ?? '') : null)
      if (major !== null) return { value: major, from: path }
    }
    const engines = strings(all.find(m => m.folder === at)?.json['engines'])['node']
    const major = supported(engines === undefined ? null : majorOf(engines))
    if (major !== null) return { value: major, from: `${join(at, 'package.json')} (engines: ${engines})` }
    const docker = await dockerNode(
      tree,
      paths.filter(p => folderOf(p) === at && /(?:^|\/)(?:[\w.-]+\.)?Dockerfile[\w.-]*$/i.test(p)),
    )
    if (docker !== null) return docker
    if (at === '.') return null
  }
}

async function dockerNode(tree: Tree, files: readonly string[]): Promise<Found<number> | null> {
  for (const path of files) {
    const body = (await tree.read(path)) ?? ''
    const found =
      /^\s*FROM\s+(?:--\S+\s+)?(?:[\w.-]+\/)*node:(\d{2})/im.exec(body) ??
      /^\s*ARG\s+NODE_VERSION=v?(\d{2})/im.exec(body)
    if (found !== null) return { value: supported(Number(found[1]))!, from: path }
  }
  return null
}

/** Packages of this repository that a package depends on, each after its own dependencies. */
export function internalOf(manifest: Manifest, all: readonly Manifest[]): string[] {
  const named = new Map(
    all.flatMap(m => (text(m.json['name']) === null ? [] : [[text(m.json['name'])!, m] as const])),
  )
  const order: string[] = []
  const visit = (at: Manifest, trail: readonly string[]) => {
    for (const name of Object.keys({
      ...strings(at.json['dependencies']),
      ...strings(at.json['devDependencies']),
    })) {
      const target = named.get(name)
      if (target === undefined || target === manifest || order.includes(name) || trail.includes(name))
        continue
      visit(target, [...trail, name])
      order.push(name)
    }
  }
  visit(manifest, [])
  return order
}

/** Settings from tsconfig.build.json or tsconfig.json. They may hold comments, so they are read as text. */
export async function typescriptOf(
  tree: Tree,
  folder: string,
  paths: ReadonlySet<string>,
): Promise<PackageFacts['typescript']> {
  let seen = false
  const nest = paths.has(join(folder, 'nest-cli.json'))
    ? ((await tree.read(join(folder, 'nest-cli.json'))) ?? '')
    : ''
  const bundles = /"webpack"\s*:\s*true|"(?:builder|type)"\s*:\s*"(?:webpack|swc)"/.test(nest)
  const facts: TypeScriptFacts = { outDir: null, rootDir: null, include: null, exclude: [], bundles }
  for (const file of [
    'tsconfig.build.json',
    'tsconfig.json',
    'tsconfig.server.json',
    'server/tsconfig.json',
  ]) {
    if (!paths.has(join(folder, file))) continue
    seen = true
    const body = ((await tree.read(join(folder, file))) ?? '').replaceAll(/^\s*\/\/.*$/gm, '')
    const base = file.includes('/') ? folderOf(file) : '.'
    const setting = (name: string) => new RegExp(`"${name}"\\s*:\\s*"([^"]+)"`).exec(body)?.[1]
    const outDir = setting('outDir')
    const rootDir = setting('rootDir')
    if (outDir !== undefined && !/"noEmit"\s*:\s*true/.test(body)) facts.outDir ??= join(base, outDir)
    if (rootDir !== undefined) facts.rootDir ??= join(base, rootDir)
    const include = listIn(body, 'include') ?? listIn(body, 'files')
    if (include !== null) facts.include ??= include
    if (facts.exclude.length === 0) facts.exclude = listIn(body, 'exclude') ?? []
  }
  return seen ? facts : null
}

function listIn(body: string, name: string): string[] | null {
  const found = new RegExp(`"${name}"\\s*:\\s*\\[([^\\]]*)\\]`).exec(body)?.[1]
  return found === undefined ? null : [...found.matchAll(/"([^"]+)"/g)].map(match => match[1]!)
}

/** The file of Node.js that the last CMD or ENTRYPOINT of a folder's Dockerfile runs. */
export async function dockerStart(
  tree: Tree,
  folder: string,
  paths: readonly string[],
): Promise<Found<string> | null> {
  for (const path of paths.filter(
    p => folderOf(p) === folder && /^(?:[\w.-]+\.)?Dockerfile/i.test(nameOf(p)),
  )) {
    const lines = [...((await tree.read(path)) ?? '').matchAll(/^\s*(?:CMD|ENTRYPOINT)\s+(.+?)\s*$/gim)]
    const last = lines.at(-1)?.[1] ?? ''
    const words = last
      .replaceAll(/[[\]",]/g, ' ')
      .split(/\s+/)
      .filter(word => word !== '')
    const file = words[words.indexOf('node') + 1]
    if (words.includes('node') && file !== undefined && !file.startsWith('-'))
      return { value: file.replace(/^(?:\/(?:usr\/src\/)?\w+\/|\.\/)/, ''), from: path }
  }
  return null
}

/** The folder of the package that a file belongs to: the nearest one above it. */
export const ownerOf = (path: string, folders: readonly string[]): string | null =>
  folders.filter(folder => under(folder, path)).sort((a, b) => depth(b) - depth(a))[0] ?? null

const depth = (folder: string): number => (folder === '.' ? 0 : folder.split('/').length)
