import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, extname, join, resolve } from 'node:path'
import { openTerminal } from '../server/src/cli/terminal.ts'
import { execOk } from '../server/src/drivers/host/exec.ts'
import { jsonText } from '../server/src/kernel/output.ts'
import { type Lock, type Manifest, releaseLock, releaseManifest } from './manifest.ts'

const PROJECT = join(import.meta.dirname, '..')
/** What of the source is read as it is. */
const CARRIED = new Set(['.lua', '.pl', '.sh', '.js'])
const DOCUMENTS = ['README.md', 'CHANGELOG.md', 'SECURITY.md', 'LICENSE', 'docs']

interface Flags {
  into?: string
  json?: boolean
}

/**
 * inn pack: makes a release, `innkeeper-VERSION.tgz`, and `….tgz.sha256` as sha256sum writes it. It is compiled, because
 * Node.js runs no TypeScript in a folder that npm installed into.
 */
export async function pack(version: string, { into = '.', json = false }: Flags): Promise<void> {
  const terminal = openTerminal()
  const say = (line: string) => (json ? undefined : terminal.transient(line))
  const made = resolve(into)
  await mkdir(made, { recursive: true })
  const work = await mkdtemp(join(tmpdir(), 'innkeeper-pack-'))
  try {
    // npm's tarballs have all files below this name.
    const folder = join(work, 'package')
    say('compiling …')
    await compiled(work, folder)
    say('building the dashboard …')
    await dashboard(folder)
    await papers(folder)
    const file = join(made, `innkeeper-${version}.tgz`)
    say('packing …')
    await execOk({ argv: ['tar', '-czf', file, '-C', work, ...ALIKE, 'package'], timeoutMs: 120_000 }, 'tar')
    const sha256 = await digest(file)
    await writeFile(`${file}.sha256`, `${sha256}  ${basename(file)}\n`)
    terminal.transient('')
    if (json) console.log(jsonText({ file, sha256 }))
    else terminal.print(`${file}\n${sha256}`)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** The same content makes the same file: no names of users, no order and no times of this machine. */
const ALIKE = ['--owner=0', '--group=0', '--numeric-owner', '--sort=name', '--mtime=@0', '--mode=u+rwX,go=rX']

const node = (work: string, ...argv: string[]) =>
  execOk({ argv: [process.execPath, ...argv], cwd: work, timeoutMs: 300_000 }, argv[0]!)

async function compiled(work: string, folder: string): Promise<void> {
  const out = join(work, 'out')
  await node(PROJECT, 'node_modules/typescript/bin/tsc', '-p', 'release', '--outDir', out)
  // What the commands of a checkout need (demo, tests) was compiled beside it, and stays here.
  await cp(join(out, 'server/src'), join(folder, 'server/src'), { recursive: true })
  const source = join(PROJECT, 'server/src')
  for (const path of await readdir(source, { recursive: true }))
    if (CARRIED.has(extname(path))) await cp(join(source, path), join(folder, 'server/src', path))
  const first = join(folder, 'server/src/bin/inn.js')
  await writeFile(first, (await readFile(first, 'utf8')).replace("'./entry.ts'", "'./entry.js'"))
}

async function dashboard(folder: string): Promise<void> {
  const out = join(folder, 'web/dist')
  const built = ['build', 'web', '--logLevel', 'error', '--outDir', out, '--emptyOutDir']
  await node(PROJECT, 'node_modules/vite/bin/vite.js', ...built)
}

/** The launcher, the documents, and what npm reads. */
async function papers(folder: string): Promise<void> {
  await cp(join(PROJECT, 'inn'), join(folder, 'inn'))
  for (const name of DOCUMENTS) await cp(join(PROJECT, name), join(folder, name), { recursive: true })
  const read = async (name: string) => JSON.parse(await readFile(join(PROJECT, name), 'utf8')) as unknown
  const write = (name: string, value: unknown) =>
    writeFile(join(folder, name), `${JSON.stringify(value, null, 2)}\n`)
  await write('package.json', releaseManifest((await read('package.json')) as Manifest))
  // npm takes no package-lock.json out of a tarball, but this one.
  await write('npm-shrinkwrap.json', releaseLock((await read('package-lock.json')) as Lock))
}

async function digest(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const part of createReadStream(file)) hash.update(part as Buffer)
  return hash.digest('hex')
}
