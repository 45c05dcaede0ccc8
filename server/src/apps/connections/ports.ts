import type { Secret } from '../../kernel/secret.ts'
import type { Provider } from './wire.ts'

/** A commit of a repository elsewhere. */
export interface Wish {
  /** The app, without an environment. */
  app: string
  url: string
  token: Secret | null
  /** Where the commit must be. */
  ref: string
  commit: string
}

/** A source archive among the uploads, and its commit with its subject. */
export interface Brought {
  upload: string
  line: string
}

/** Repositories elsewhere. */
export interface Repositories {
  /** Fetches the files of a commit. Failures `connection.fetch`, `connection.moved`, `connection.large`, `source.submodule`. */
  bring(wish: Wish, signal: AbortSignal): Promise<Brought>
  /** Forgets the user as whom it was fetched. */
  forget(app: string): Promise<void>
}

/** A comment below a pull request. */
export interface Comment {
  provider: Provider
  api: string
  /** The repository: `owner/name`. */
  name: string
  token: Secret
  number: number
  /** null: it is a new one. */
  id: string | null
  text: string
}

/** `id`: of the comment; `again`: it may work later. */
export type Written = { id: string } | { why: string; again: boolean }

/** Writes a comment, or writes it anew. It never throws. */
export type Write = (comment: Comment) => Promise<Written>
