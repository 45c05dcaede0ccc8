import {
  closeSync,
  constants,
  createReadStream,
  createWriteStream,
  fchmodSync,
  linkSync,
  mkdirSync,
  openSync,
  symlinkSync,
  writeSync,
} from 'node:fs'
import { lstat, readlink } from 'node:fs/promises'
import { dirname, join, normalize, posix } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { createGzip } from 'node:zlib'
import { list, Pack, type ReadEntry } from 'tar'
import { Failure } from '../../kernel/failure.ts'
import { showSize } from '../../kernel/sizes.ts'
import { count } from '../../kernel/words.ts'

/** Paths that may wait to be packed: each that waits takes memory. */
const MOST_WAITING = 1_000

/** Packs these paths of a folder. The same files give the same bytes. */
export async function pack(folder: string, paths: readonly string[], target: string): Promise<void> {
  let begun = 0
  // Not create(): it takes a path that begins with @ for the name of another archive.
  const archive = new Pack({
    cwd: folder,
    portable: true,
    noMtime: true,
    noDirRecurse: true,
    follow: false,
    onWriteEntry: () => void begun++,
  })
  const done = pipeline(
    archive as unknown as NodeJS.ReadableStream,
    createGzip({ level: 1 }),
    createWriteStream(target),
  )
  let ended = false
  const end = () => {
    ended = true
  }
  done.then(end, end)
  for (const [added, path] of [...paths].sort().entries()) {
    archive.add(path)
    while (added - begun > MOST_WAITING && !ended) await sleep(5)
  }
  archive.end()
  await done
}

/** Mode bits that are kept from the archive. Setuid, setgid and write access for others are dropped. The owner can always read and write. */
const MASK = 0o755

/** Entry types that are unpacked. Old forms of the same types are refused, so that reading one entry and unpacking all entries see the same files. */
const PLAIN = new Set(['File', 'Directory', 'SymbolicLink', 'Link'])

/** What one source may have. Names are held in memory while it is checked, so all of them together have a bound too. */
const MOST = { bytes: 4 * 1024 ** 3, entries: 500_000, letters: 64 * 1024 ** 2 }

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

/** Checks every entry of a source archive, before anything of it is written. Failure `archive.refused`, `archive.broken`. */
export async function checkArchive(archive: string): Promise<{ files: number; bytes: number }> {
  const problems: string[] = []
  const seen = new Map<string, string>()
  const total = { files: 0, bytes: 0, letters: 0 }
  const over = () => total.bytes > MOST.bytes || total.files > MOST.entries || total.letters > MOST.letters
  await read(archive, entry => {
    total.files++
    total.bytes += entry.size ?? 0
    total.letters += entry.path.length
    if (over()) return
    const problem = refused(entry) ?? twice(seen, entry) ?? belowLink(seen, entry.path)
    if (problem !== null && problems.length < 10) problems.push(problem)
  })
  if (over())
    problems.push(
      `${count(total.files, 'file')} of ${showSize(total.bytes)}, with ${showSize(total.letters)} of names: ${MOST.entries} files, ${showSize(MOST.bytes)} and ${showSize(MOST.letters)} of names are the most that a source may have`,
    )
  if (problems.length > 0) {
    throw new Failure('archive.refused', 'the source archive was refused', {
      why: problems.join('\n'),
      fix: 'take these out of the repository, or add them to .gitignore; nothing was changed',
    })
  }
  return { files: total.files, bytes: total.bytes }
}

/** Refuses an entry below a link: it would be written to where the link leads. */
function belowLink(seen: ReadonlyMap<string, string>, path: string): string | null {
  for (let at = posix.dirname(posix.normalize(path)); at !== '.'; at = posix.dirname(at))
    if ((seen.get(at) ?? 'Directory') !== 'Directory') return `${path} lies below ${at}, which is no folder`
  return null
}

/**
 * Unpacks a source archive after checking all of it. Nothing is written when any entry is refused. One entry after the
 * other is written, without waiting: it needs no more memory for many files than for one. So it is for a process of its
 * own alone.
 */
export async function unpack(archive: string, target: string): Promise<{ files: number; bytes: number }> {
  const found = await checkArchive(archive)
  mkdirSync(target, { recursive: true, mode: 0o755 })
  const links: ReadEntry[] = []
  await read(archive, entry => {
    const path = join(target, posix.normalize(entry.path))
    if (entry.type === 'Directory') return folder(path)
    folder(dirname(path))
    if (entry.type === 'File') return writeFile(entry, path)
    links.push(entry)
  })
  // Links come last, so that no file was written by way of one.
  for (const { type, path, linkpath } of links) {
    const at = join(target, posix.normalize(path))
    if (type === 'SymbolicLink') symlinkSync(linkpath!, at)
    else linkSync(join(target, posix.normalize(linkpath!)), at)
  }
  return found
}

const folder = (path: string): void => void mkdirSync(path, { recursive: true, mode: 0o755 })

function writeFile(entry: ReadEntry, path: string): void {
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600)
  entry.on('data', chunk => {
    for (let at = 0; at < chunk.length; ) at += writeSync(file, chunk, at)
  })
  entry.on('end', () => {
    fchmodSync(file, ((entry.mode ?? 0) & MASK) | 0o600)
    closeSync(file)
  })
}

/** Calls `onEntry` for each entry of an archive, in its order. Failure `archive.broken`. */
export async function read(archive: string, onEntry: (entry: ReadEntry) => void): Promise<void> {
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

/** Most that is read of all texts together, in bytes: a source with more says so by `complete`. */
const MOST_TEXTS = 24 * 1024 * 1024

/** What an archive holds, as far as it may matter before it is unpacked: all paths, and the texts of files whose path fits. */
export async function readTexts(
  archive: string,
  pattern: string,
): Promise<{ paths: string[]; texts: Record<string, string>; complete: boolean }> {
  const wanted = new RegExp(pattern)
  const paths: string[] = []
  const found: Array<[path: string, chunks: Buffer[]]> = []
  let [size, complete] = [0, true]
  await read(archive, entry => {
    const path = posix.normalize(entry.path)
    if (entry.type !== 'File' || refused(entry) !== null) return
    paths.push(path)
    if (!wanted.test(path)) return
    if ((entry.size ?? 0) > MOST_READ || size + (entry.size ?? 0) > MOST_TEXTS) {
      complete = false
      return
    }
    size += entry.size ?? 0
    const chunks: Buffer[] = []
    found.push([path, chunks])
    entry.on('data', (chunk: Buffer) => chunks.push(chunk))
  })
  const texts = found.map(([path, chunks]) => [path, Buffer.concat(chunks).toString('utf8')] as const)
  return { paths, texts: Object.fromEntries(texts), complete }
}
