import type { Origin } from '../apps/deploys/wire.ts'
import type { AppConfig } from '../config/config.ts'
import type { Source } from '../kernel/source.ts'

/** The files of a folder that belong to the source, and what they are of. */
export interface Tracked {
  /** Paths below the folder, with slashes. */
  paths: string[]
  /** Commit and subject, with a mark when there are changes on top; null outside git. */
  commit: string | null
  /** What a person should know about the folder before it is deployed. */
  notices: string[]
}

/** What commits of all branches added below a folder. */
export interface History {
  /** Whether earlier commits are not here (`git clone --depth`). */
  shallow: boolean
  /** Newest first: `commit:NAME DAY`, and then of `git log -p -U0`. Failure `source.git`. */
  lines: AsyncIterable<string>
}

/** What a push brings to a repository of this machine, before git takes it. */
export interface Received {
  /** The branch that is deployed. */
  branch(): Promise<string>
  /** The commit at which a ref is now; null: there is none. */
  at(ref: string): Promise<string | null>
  follows(commit: string, before: string): Promise<boolean>
  /** Writes the files of a commit to a new folder. Failure `source.git`, `source.submodule`, `archive.refused`. */
  unpack(commit: string, folder: string): Promise<Unpacked>
}

export interface Unpacked {
  paths: string[]
  /** Commit and subject. */
  commit: string
  /** First commits of its history. */
  first: string[]
}

/** The port to what commands ask of a folder with source on the machine where they run: git and tar. */
export interface Checkout {
  /** Failure `source.git`, `source.submodule`, `source.too-large`. */
  tracked(folder: string): Promise<Tracked>
  /** Paths of the same files alone. Failure `source.git`, `source.no-folder`, `source.too-large`. */
  listed(folder: string): Promise<string[]>
  /** Its files, to read. */
  source(folder: string): Source
  /** null outside git. Failure `source.git`: git refuses to read the repository. */
  history(folder: string): Promise<History | null>
  /** Where the source comes from. */
  origin(folder: string): Promise<Origin>
  /** The branch that is checked out; null: none, or not in git. */
  branch(folder: string): Promise<string | null>
  /** Of the repository whose hook this process is. */
  received(repository: string): Received
  /** Those of the paths that a source may have. Left out: gone, out of the folder, or with a beginning that is lost. */
  packable(folder: string, paths: readonly string[]): Promise<string[]>
  /** What Prometheus would say against the alerts of an app; null: nothing, or its promtool is not on this machine. */
  alertsProblem(app: string, alerts: AppConfig['alerts']): Promise<string | null>
  /** Runbooks of a folder, and those that come with Innkeeper, with what keeps each from being walked. */
  runbooks(
    folder: string,
  ): Promise<ReadonlyArray<{ name: string; safe: boolean; problems: readonly string[] }>>
  /** What is wrong with templates of messages: name of the file → its text. */
  templates(
    files: Readonly<Record<string, string>>,
  ): Promise<Array<{ file: string; line: number | null; message: string }>>
  /** Writes an archive of these paths to `target`. */
  pack(folder: string, paths: readonly string[], target: string): Promise<void>
}
