import { databasesOf, migrationsOf } from './data.ts'
import { putAside } from './dead.ts'
import { databasesIn } from './elsewhere/join.ts'
import { elsewhere } from './elsewhere/readers.ts'
import type { EnvExample, Facts, PackageFacts, SourceFile } from './facts.ts'
import {
  dockerStart,
  internalOf,
  lockfileOf,
  type Manifest,
  manifests,
  nodeOf,
  ownerOf,
  strings,
  text,
  typescriptOf,
} from './packages.ts'
import { withoutPm2 } from './pm2.ts'
import { startScripts } from './scripts.ts'
import { isSource, sourceFacts } from './sources.ts'
import { backendsOf, botsOf, frontendsOf, languagesOf, queuesOf, sitesOf, toolsOf } from './stack.ts'
import { holdsSecrets, nameOf, type Tree } from './tree.ts'

/** The facts about a repository, read from its files and from nothing else. */
export async function gather(tree: Tree, folderName: string): Promise<Facts> {
  const { paths, complete } = await tree.list()
  const { found, broken } = await manifests(tree, paths)
  const folders = [...new Set(['.', ...found.map(m => m.folder)])]
  const packages: PackageFacts[] = []
  const databases: Facts['databases'] = []
  const migrations: Facts['migrations'] = []
  for (const folder of folders) {
    const manifest = found.find(m => m.folder === folder) ?? { folder, json: {} }
    const files = paths.filter(path => ownerOf(path, folders) === folder)
    const facts = await packageFacts(tree, { manifest, files, paths, all: found })
    packages.push(facts)
    const look = {
      folder,
      has: new Set([...facts.dependencies, ...facts.devDependencies]),
      scripts: facts.scripts,
      files,
      env: facts.sources.env,
    }
    databases.push(...(await databasesOf(tree, look)))
    migrations.push(...(await migrationsOf(tree, look)))
  }
  const foreign = await elsewhere(tree, paths)
  const every = new Set(packages.flatMap(p => [...p.dependencies, ...p.devDependencies]))
  return {
    folderName,
    files: paths.length,
    complete,
    broken,
    packages,
    databases: [...databases, ...databasesIn(foreign)],
    elsewhere: foreign,
    migrations,
    languages: languagesOf(paths),
    tools: toolsOf(every),
    workspaces: workspacesOf(found, paths),
    ...(await around(tree, paths)),
  }
}

const WORKFLOW =
  /^\.github\/workflows\/.+\.ya?ml$|^\.gitlab-ci\.yml$|^\.circleci\/config\.yml$|^bitbucket-pipelines\.yml$|^Jenkinsfile$/

/** Files outside the packages that say how the app was run so far. */
async function around(
  tree: Tree,
  paths: readonly string[],
): Promise<Pick<Facts, 'envExamples' | 'envFiles' | 'dockerfiles' | 'compose' | 'workflows' | 'nginx'>> {
  return {
    envExamples: await envExamples(tree, paths),
    envFiles: paths.filter(holdsSecrets),
    dockerfiles: paths.filter(path => /(?:^|\.)Dockerfile|^Dockerfile/i.test(nameOf(path))),
    compose: paths.filter(path => /^(?:docker-)?compose[\w.-]*\.ya?ml$/.test(nameOf(path))),
    workflows: paths.filter(path => WORKFLOW.test(path)),
    nginx: await nginxFiles(tree, paths),
  }
}

interface PackageLook {
  manifest: Manifest
  files: readonly string[]
  paths: readonly string[]
  all: readonly Manifest[]
}

async function packageFacts(tree: Tree, look: PackageLook): Promise<PackageFacts> {
  const { manifest, files, paths, all } = look
  const { folder, json } = manifest
  const dependencies = new Set(Object.keys(strings(json['dependencies'])))
  const devDependencies = new Set(Object.keys(strings(json['devDependencies'])))
  const has = new Set([...dependencies, ...devDependencies])
  const configs = await readAll(tree, files.filter(isConfig))
  const sources = await readAll(tree, files.filter(isSource))
  const scripts = strings(json['scripts'])
  return {
    folder,
    name: text(json['name']) ?? '',
    dependencies,
    devDependencies,
    scripts,
    main: text(json['main']),
    ...lockfileOf(folder, new Set(paths), all),
    node: await nodeOf(tree, { folder, paths, all }),
    frontends: frontendsOf(has),
    backends: backendsOf(dependencies),
    bots: botsOf(dependencies),
    queues: queuesOf(dependencies),
    typescript: await typescriptOf(tree, folder, new Set(paths)),
    internal: internalOf(manifest, all),
    sites: sitesOf({ folder, has, files, configs }),
    ...serverSide(has, configs),
    docker: await dockerStart(tree, folder, paths),
    starts: startScripts(await withoutPm2(scripts, tree, { folder, files }), scripts),
    files: [...files],
    sources: sourceFacts(sources, configs, folder),
  }
}

const isConfig = (path: string): boolean =>
  /^(?:vite|next|nuxt|svelte|astro|react-router|remix)\.config\.[cm]?[jt]s$|^setupProxy\.[jt]s$|^proxy\.conf\.(?:json|[cm]?js)$|^angular\.json$/.test(
    nameOf(path),
  )

async function readAll(tree: Tree, paths: readonly string[]): Promise<SourceFile[]> {
  const files: SourceFile[] = []
  for (const path of paths) {
    const body = await tree.read(path)
    if (body !== null) files.push({ path, text: body })
  }
  return files
}

/** How frameworks that can be built both ways are configured here: into a server, or into static files. */
function serverSide(
  has: ReadonlySet<string>,
  configs: readonly SourceFile[],
): Pick<PackageFacts, 'next' | 'sveltekitAdapter' | 'astro'> {
  const config = (name: string) =>
    configs.find(c => nameOf(c.path).startsWith(`${name}.config.`))?.text.replaceAll(/^\s*\/\/.*$/gm, '') ??
    ''
  const output = /\boutput\s*:\s*['"`](standalone|export)['"`]/.exec(config('next'))?.[1] as
    | 'standalone'
    | 'export'
    | undefined
  // Its options stand in the configuration of Vite where there is no file of its own.
  const svelte = config('svelte') || config('vite')
  const adapter =
    ['@sveltejs/adapter-node', '@sveltejs/adapter-static'].find(name => svelte.includes(name)) ?? null
  const astro = /adapter\s*:|output\s*:\s*['"`](?:server|hybrid)/.test(config('astro')) ? 'server' : 'static'
  return {
    next: has.has('next') ? { output: output ?? null } : null,
    sveltekitAdapter: adapter,
    astro: has.has('astro') ? astro : null,
  }
}

function workspacesOf(found: readonly Manifest[], paths: readonly string[]): Facts['workspaces'] {
  if (paths.includes('pnpm-workspace.yaml')) return { value: 'pnpm', from: 'pnpm-workspace.yaml' }
  const root = found.find(m => m.folder === '.')
  if (root?.json['workspaces'] === undefined) return null
  return { value: paths.includes('yarn.lock') ? 'yarn' : 'npm', from: 'package.json' }
}

async function envExamples(tree: Tree, paths: readonly string[]): Promise<EnvExample[]> {
  const found: EnvExample[] = []
  for (const file of paths.filter(
    path =>
      /^\.?env[\w.-]*\.?(?:example|sample|template|dist|defaults?)$/.test(nameOf(path)) ||
      nameOf(path) === '.env.example',
  )) {
    for (const line of ((await tree.read(file)) ?? '').split('\n')) {
      const match = /^\s*(#\s*)?(?:export\s+)?([A-Z][A-Z0-9_]+)\s*=\s*(.*?)\s*$/.exec(line)
      if (match === null) continue
      const value = match[3]!.replace(/\s+#.*$/, '').replace(/^(['"])(.*)\1$/, '$2')
      found.push({ name: match[2]!, value, file, commented: match[1] !== undefined })
    }
  }
  return found
}

async function nginxFiles(tree: Tree, paths: readonly string[]): Promise<Facts['nginx']> {
  const found: Facts['nginx'] = []
  for (const path of paths.filter(
    p => /nginx/i.test(p) && !putAside(p) && /\.(?:conf|template|vhost)$|(?:^|\/)nginx$/.test(p),
  )) {
    const body = ((await tree.read(path)) ?? '').replaceAll(/^\s*#.*$/gm, '')
    const blocks = [...body.matchAll(/location\s+(?:=|\^~|~\*?)?\s*([^\s{]+)\s*\{((?:[^{}]|\{[^{}]*\})*)\}/g)]
    const locations = blocks.flatMap(([, place, inner]) => {
      const to = /\bproxy_pass\s+https?:\/\/([^\s;/]+)/.exec(inner!)?.[1]
      return to === undefined ? [] : prefixesIn(place!).map(prefix => ({ prefix, to }))
    })
    found.push({ path, locations })
  }
  return found
}

/** The path of a location, or the paths of a pattern such as ^/(api|auth)/. */
function prefixesIn(place: string): string[] {
  const several = /^\^?\/\(([\w|-]+)\)/.exec(place)?.[1]
  if (several !== undefined) return several.split('|').map(name => `/${name}`)
  const one = /^\^?(\/[\w./-]*)/.exec(place)?.[1]
  return one === undefined ? [] : [one.replace(/(.)\/$/, '$1')]
}
