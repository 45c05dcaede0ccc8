import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { jsonObject } from '../../kernel/json.ts'
import { read } from './archive.ts'

/** Files besides the lockfile and the manifests that package managers and the scripts of packages read. */
const DECIDES =
  /(^|\/)(package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|pnpm-workspace\.yaml|yarn\.lock|\.npmrc|\.yarnrc(\.yml)?|\.pnpmfile\.c?js|prisma\.config\.[cm]?[jt]s|\.puppeteerrc[^/]*)$|(^|\/)(patches|\.yarn)\/|\.prisma$/
const MANIFEST = /(^|\/)package\.json$/
/** Scripts of a repository's own that an install runs: nobody knows what they read. */
const LIFECYCLE = /^(pre|post)?(install|prepare)$|^(dependencies|prepublish|pnpm:devPreinstall)$/
/** Packages that lie in the repository itself. */
const LOCAL = /^(file|link|portal):/

/**
 * A digest of the files of an archive: their paths, contents, targets of links, and whether they can be run. The file
 * `without` has no part in it. The order of the entries and their times have none either.
 */
export async function digestOfFiles(archive: string, without: string): Promise<string> {
  const lines: string[] = []
  await eachFile(archive, ({ path, line }) => {
    if (path !== without) lines.push(line)
  })
  return digestOf(lines)
}

/**
 * A digest of what decides which packages an install in this folder brings. Where the repository has scripts or packages
 * of its own in it, that is every file.
 */
export async function digestOfPackages(archive: string, folder: string): Promise<string> {
  const below = folder === '.' ? '' : `${folder}/`
  const all: string[] = []
  const deciding: string[] = []
  let own = false
  await eachFile(archive, ({ path, line, content }) => {
    all.push(line)
    if (!path.startsWith(below)) return
    if (DECIDES.test(path)) deciding.push(line)
    if (!MANIFEST.test(path)) return
    const manifest = manifestOf(content)
    if (manifest === null || runsItsOwn(manifest)) own = true
    else deciding.push(JSON.stringify([path, { ...manifest, scripts: undefined }]))
  })
  return digestOf(own ? all : deciding)
}

interface Manifest {
  scripts?: Record<string, unknown>
  dependencies?: Record<string, unknown>
  devDependencies?: Record<string, unknown>
  optionalDependencies?: Record<string, unknown>
}

/** null: it is no JSON object, and the package manager will say so. */
const manifestOf = (content: Buffer): Manifest | null => jsonObject(content.toString('utf8'))

function runsItsOwn({ scripts, dependencies, devDependencies, optionalDependencies }: Manifest): boolean {
  const wanted = Object.values({ ...dependencies, ...devDependencies, ...optionalDependencies })
  return (
    Object.keys(scripts ?? {}).some(name => LIFECYCLE.test(name)) ||
    wanted.some(version => LOCAL.test(String(version)))
  )
}

interface File {
  path: string
  /** What is told of it in a digest. */
  line: string
  /** Of manifests; else empty. */
  content: Buffer
}

async function eachFile(archive: string, tell: (file: File) => void): Promise<void> {
  await read(archive, entry => {
    const path = posix.normalize(entry.path)
    if (entry.type === 'Directory') return
    const hash = createHash('sha256')
    const chunks: Buffer[] = []
    const keeps = MANIFEST.test(path)
    entry.on('data', (chunk: Buffer) => {
      hash.update(chunk)
      if (keeps) chunks.push(chunk)
    })
    entry.on('end', () => {
      const runs = ((entry.mode ?? 0) & 0o100) !== 0
      const line = JSON.stringify([path, entry.type, entry.linkpath ?? '', runs, hash.digest('hex')])
      tell({ path, line, content: Buffer.concat(chunks) })
    })
  })
}

function digestOf(lines: string[]): string {
  const whole = createHash('sha256')
  for (const line of lines.sort()) whole.update(`${line}\n`)
  return whole.digest('hex')
}
