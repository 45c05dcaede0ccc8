import type { Account } from '../../servers/confinement/account.ts'
import type { Confinement } from '../../servers/confinement/confinement.ts'

/** Folders in which programs keep what they can make again. They belong to no build. */
export const CACHES = ['node_modules/.cache', 'node_modules/.vite', '.next/cache'] as const

/** Folders among packages that programs write to while they build or run. */
export const WRITTEN = ['.cache', '.vite', '.prisma'] as const

/** All files of a tree but those in caches, those of its installed packages (`node_modules`), or those in caches too. */
export type Sealed = 'all' | 'packages' | 'everything'

export interface Compared {
  /** The path of a file that is not as it was sealed any more; `.`: nothing was sealed, or the tree is gone; null: all are. */
  lost: string | null
  /** Paths of what is there since, for packages alone; null: they are too many. */
  added: readonly string[] | null
}

/** The port that notes which files a build left, and tells what became of them. What frameworks keep in caches has no part in it. */
export interface Seals {
  /** Writes down what files are in a tree now, and how they are. Failure `release.seal`. */
  seal(tree: string, list: string, of?: Sealed): Promise<void>
  compare(tree: string, list: string, of?: Sealed): Promise<Compared>
}

/** Releases of one app, whose folders lie side by side. */
export interface Sharing {
  newer: string
  /** null: there is none. */
  earlier: string | null
  /** Releases that run nothing: what tools keep in their caches is of no use there. */
  idle: readonly string[]
  account: Account | null
}

/** A tree, its list, and how programs run that work in it. */
interface Side {
  tree: string
  seal: string
  run: { confinement: Confinement; env: Readonly<Record<string, string>> }
}

/** Files that go from one app to another. */
export interface Carrying {
  from: Side
  to: Side
  /** Paths that stay behind, with what is below them. */
  without: readonly string[]
  signal: AbortSignal
}

export interface Carried {
  files: number
  /** The path of a file that did not arrive as it was sealed, or that came along with them; null: there is none. */
  differs: string | null
}
