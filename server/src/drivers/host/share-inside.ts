// Stores equal package files of two releases of an app once, and empties the caches of idle releases.
//
//   node share-inside.ts ORDER
//
// It runs where share.sh put it, as the app's user: the app may change anything that it looks at, at any time. So a file
// is given away by its descriptor, never by its path, and whatever a path leads to is no more than the app can reach.
// It imports nothing of Innkeeper, because nothing of it is there.
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  unlinkSync,
} from 'node:fs'
import { join } from 'node:path'

export interface Order {
  /** Of the app. */
  uid: number
  gid: number
  /** Releases, by the names of their folders. `earlier`: null: there is none. */
  newer: string
  earlier: string | null
  /** Their caches are emptied. */
  idle: readonly string[]
  /** Ends of the paths of caches. */
  caches: readonly string[]
  /** Folders among packages that are not shared, because programs write to them. */
  written: readonly string[]
}

const { uid, gid, caches, written, ...releases } = JSON.parse(process.argv[2]!) as Order
const treeOf = (release: string): string => join('/releases', release, 'tree')
const CHUNK = 1024 ** 2
const [left, right] = [Buffer.alloc(CHUNK), Buffer.alloc(CHUNK)]

/** Does nothing when what it works on was changed or taken away meanwhile. */
function unless<T>(otherwise: T, work: () => T): T {
  try {
    return work()
  } catch {
    return otherwise
  }
}

const entriesOf = (folder: string) => unless([], () => readdirSync(folder, { withFileTypes: true }))

/** Relative paths of the files in folders of packages. Links are not followed. */
function* packageFiles(root: string, path = '', inside = false): Generator<string> {
  for (const entry of entriesOf(join(root, path))) {
    const at = join(path, entry.name)
    if (entry.isFile() && inside) yield at
    if (!entry.isDirectory() || (inside && written.includes(entry.name))) continue
    yield* packageFiles(root, at, inside || entry.name === 'node_modules')
  }
}

function* cachesBelow(path: string): Generator<string> {
  for (const entry of entriesOf(path)) {
    if (!entry.isDirectory()) continue
    const at = join(path, entry.name)
    if (caches.some(cache => at.endsWith(`/${cache}`))) yield at
    else yield* cachesBelow(at)
  }
}

/** Opens a file, but no link, and never waits for what is none. */
const opened = (path: string): number =>
  openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)

const isSame = (a: number, b: number): boolean => {
  for (let at = 0; ; ) {
    const [one, other] = [readSync(a, left, 0, CHUNK, at), readSync(b, right, 0, CHUNK, at)]
    if (one !== other || left.compare(right, 0, other, 0, one) !== 0) return false
    if (one === 0) return true
    at += one
  }
}

/** Gives a file to root, so that no release can write to it. The app's group keeps what its user had. */
function giveAway(file: number): void {
  fchownSync(file, 0, gid)
  const mode = fstatSync(file).mode & 0o755
  fchmodSync(file, (mode & 0o705) | ((mode & 0o500) >> 3))
}

/** Puts the earlier release's file in the place of the newer one's. Returns its bytes; 0: they are not the same. */
function share(from: string, to: string): number {
  const old = opened(from)
  try {
    const fresh = opened(to)
    try {
      const [a, b] = [fstatSync(old, { bigint: true }), fstatSync(fresh, { bigint: true })]
      const runs = (mode: bigint) => (mode & 0o100n) !== 0n
      const alike = a.isFile() && b.isFile() && a.size > 0n && a.size === b.size && a.mtimeNs === b.mtimeNs
      if (!alike || runs(a.mode) !== runs(b.mode) || a.dev !== b.dev) return 0
      if (a.ino === b.ino) return a.uid === 0n ? Number(a.size) : 0
      const mine = [0n, BigInt(uid)]
      if (!mine.includes(a.uid) || !mine.includes(b.uid)) return 0
      // First, so that what is compared does not change any more.
      if (a.uid !== 0n) giveAway(old)
      if (!isSame(old, fresh)) return 0
      put(from, to, a.ino)
      return Number(a.size)
    } finally {
      closeSync(fresh)
    }
  } finally {
    closeSync(old)
  }
}

function put(from: string, to: string, ino: bigint): void {
  const half = `${to}.half`
  unless(undefined, () => unlinkSync(half))
  linkSync(from, half)
  if (lstatSync(half, { bigint: true }).ino === ino) renameSync(half, to)
  else unlinkSync(half)
}

for (const release of releases.idle)
  for (const path of cachesBelow(treeOf(release))) unless(undefined, () => rmSync(path, { recursive: true }))
let bytes = 0
if (releases.earlier !== null) {
  const [earlier, newer] = [treeOf(releases.earlier), treeOf(releases.newer)]
  for (const path of packageFiles(newer))
    bytes += unless(0, () => share(join(earlier, path), join(newer, path)))
}
console.log(bytes)
