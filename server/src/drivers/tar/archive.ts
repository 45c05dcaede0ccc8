import { createReadStream, createWriteStream } from 'node:fs'
import { lstat, mkdir, readlink } from 'node:fs/promises'
import { join, normalize, posix } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { extract, list, Pack, type ReadEntry } from 'tar'
import { Failure } from '../../kernel/failure.ts'

/** Packs these paths of a folder. The same files give the same bytes. */
export async function pack(folder: string, paths: readonly string[], target: string): Promise<void> {
  // Not create(): it takes a path that begins with @ for the name of another archive.
  const archive = new Pack({ cwd: folder, portable: true, noMtime: true, noDirRecurse: true, follow: false })
  for (const path of [...paths].sort()) archive.add(path)
  archive.end()
  await pipeline(
    archive as unknown as NodeJS.ReadableStream,
    createGzip({ level: 1 }),
    createWriteStream(target),
  )
}

/** Mode bits that are kept from the archive. Setuid, setgid and write access for others are dropped. The owner can always read and write. */
const MASK = 0o755

/** Entry types that are unpacked. Old forms of the same types are refused, so that reading one entry and unpacking all entries see the same files. */
const PLAIN = new Set(['File', 'Directory', 'SymbolicLink', 'Link'])
const MAX_BYTES = 4 * 1024 ** 3
const MAX_ENTRIES = 500_000

/** Why an entry must not be unpacked; null: it may. Dangling links are allowed when they stay inside. */
export function refused(entry: { path: string; type: string; linkpath?: string | undefined }): string | null {
  const { path, type, linkpath } = entry
  if (!PLAIN.has(type)) return `${path} is a ${type}, which source code has no use for`
  if (path.startsWith('/') || normalize(path).split('/')[0] === '..' || path.includes('\0'))
    return `${path} leaves the folder`
  // The package for archives takes such a beginning away, and the file would come out under another name.
  if (/^[A-Za-z]:[\\/]|^\\\\/.test(path)) return `${path} begins like a path of Windows`
  if (
    type === 'SymbolicLink' &&
    (leaves(posix.join(posix.dirname(path), linkpath ?? ''), linkpath) || winds(linkpath))
  )
    return `${path} links to ${linkpath}, outside the folder`
  if (type === 'Link' && leaves(linkpath ?? '', linkpath))
    return `${path} is a hard link to ${linkpath}, outside the folder`
  return null
}

/** Refuses two entries with the same name: the last one would be on the disk, but an earlier one may have been checked. */
function twice(seen: Map<string, string>, { path, type }: { path: string; type: string }): string | null {
  const name = posix.normalize(path).replace(/\/+$/, '')
  const before = seen.get(name)
  seen.set(name, type)
  return before === undefined || (before === 'Directory' && type === 'Directory')
    ? null
    : `${path} is there twice`
}

const leaves = (resolved: string, linkpath: string | undefined): boolean =>
  (linkpath ?? '').startsWith('/') || posix.normalize(resolved).split('/')[0] === '..'

/** Whether a link target has `..` after a name, as in 'a/../b'. When `a` is a link, this leads elsewhere than it seems. A leading `..` is harmless. */
function winds(linkpath: string | undefined): boolean {
  const parts = (linkpath ?? '').split('/').filter(part => part !== '' && part !== '.')
  return (
    parts.slice(parts.findIndex(part => part !== '..')).includes('..') && parts.some(part => part !== '..')
  )
}

/** Unpacks a source archive after checking all of it. Nothing is written when any entry is refused. */
export async function unpack(archive: string, target: string): Promise<{ files: number; bytes: number }> {
  const problems: string[] = []
  const seen = new Map<string, string>()
  let files = 0
  let bytes = 0
  await read(archive, entry => {
    files++
    bytes += entry.size ?? 0
    const problem = refused(entry) ?? twice(seen, entry)
    if (problem !== null && problems.length < 10) problems.push(problem)
  })
  if (bytes > MAX_BYTES || files > MAX_ENTRIES)
    problems.push(`${files} entries with ${bytes} bytes, more than any source`)
  if (problems.length > 0) {
    throw new Failure('archive.refused', 'the source archive was refused', {
      why: problems.join('\n'),
      fix: 'take these out of the repository, or add them to .gitignore; nothing was changed',
    })
  }
  await mkdir(target, { recursive: true, mode: 0o755 })
  await extract({
    file: archive,
    cwd: target,
    preserveOwner: false,
    strict: false,
    filter: (_, entry) => refused(entry as ReadEntry) === null,
    onReadEntry: entry => {
      entry.mode = ((entry.mode ?? 0) & MASK) | (entry.type === 'Directory' ? 0o700 : 0o600)
    },
  })
  return { files, bytes }
}

async function read(archive: string, onEntry: (entry: ReadEntry) => void): Promise<void> {
  try {
    await pipeline(
      createReadStream(archive),
      list({ onReadEntry: onEntry, strict: true }) as unknown as NodeJS.WritableStream,
    )
  } catch (error) {
    const why = (error as Error).message
    throw new Failure('archive.broken', 'the source archive cannot be read', {
      why,
      fix: 'upload it again',
      cause: error,
    })
  }
}

/** The paths of a list that can be packed: those that exist, are files or links, and keep their name. */
export async function packable(folder: string, paths: readonly string[]): Promise<string[]> {
  const kept: string[] = []
  for (const path of paths) {
    const info = await lstat(join(folder, path)).catch(() => null)
    if (info?.isFile() && refused({ path, type: 'File' }) === null) kept.push(path)
    else if (
      info?.isSymbolicLink() &&
      refused({ path, type: 'SymbolicLink', linkpath: await readlink(join(folder, path)) }) === null
    )
      kept.push(path)
  }
  return kept
}

/** Longest text that is read from an archive; the rest is cut off, because it may be larger than the memory. */
const MOST_READ = 1024 * 1024

/** The text of one file in an archive; null: there is no such file. */
export async function readArchived(archive: string, file: string): Promise<string | null> {
  const chunks: Buffer[] = []
  let size = 0
  let found = false
  await read(archive, entry => {
    if (posix.normalize(entry.path) !== file || entry.type !== 'File') return
    found = true
    entry.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size - chunk.length < MOST_READ) chunks.push(chunk)
    })
  })
  return found ? Buffer.concat(chunks).toString('utf8') : null
}
