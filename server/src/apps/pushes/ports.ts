import type { RepositoryView } from './wire.ts'

/** Bare repositories of a home, one for each app that is deployed by pushes. */
export interface Repositories {
  list(): Promise<RepositoryView[]>
  /** Makes it, or gives the one that is there another branch. Failure `git.branch`. */
  make(app: string, branch: string): Promise<void>
  /** Removes it with all that was pushed; false: there is none. */
  remove(app: string): Promise<boolean>
}
