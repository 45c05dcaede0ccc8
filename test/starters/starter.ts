/** Files of a repository: path → text. */
export type Files = Readonly<Record<string, string>>

/** A change that a person makes to what the starter and `inn init` leave, or a value that is given with the deploy. */
export interface Edit {
  /** Who tells the person, and in which words: `init` and `check` before the first deploy, `deploy` by failing. */
  told: { by: 'init' | 'check' | 'deploy'; saying: RegExp }
  /** For the table: what is changed, and why. */
  why: string
  change: { file: string; from: string; to: string } | { env: Readonly<Record<string, string>> }
}

/** A command that makes or changes a starter's folder. */
export interface Command {
  argv: readonly string[]
  /** Whether it runs beside the folder, which it makes; else in the folder. */
  beside?: boolean
  /** What is typed where it asks, whatever its options say. */
  input?: string
}

/** One framework, as a person begins with it. */
export interface Starter {
  name: string
  /** The name of the folder, of the repository and so of the app. Begins with t-, like all test apps. */
  folder: string
  /** The package whose version the table tells. */
  package: string
  /**
   * What makes the repository. `starter`: the framework's own, at a version. `documentation`: what the framework's
   * documentation says to write by hand, with the reason why its starter was not run.
   */
  from: { starter: string } | { documentation: string }
  files?: Files
  commands?: readonly Command[]
  /** The major of Node.js for which packages are compiled while they are installed: where nodejs.org is not reached, its headers are given to the keeper. */
  native?: number
  /** Paths that visitors request while it is switched. */
  pages: readonly string[]
  edit?: Edit
}

/** How it went. */
export interface Trial {
  name: string
  /** `Next.js 16.4.3` */
  version: string
  from: Starter['from']
  tries: number
  edit: string | null
  /** Of the first deploy that went live, with its packages downloaded. */
  ms: number
  /** Resident memory of its instances, in bytes; null: the edge serves files. */
  memory: number | null
  /** Of the visitors, during four switches. */
  requests: number
  lost: number
  day: string
}

/** A framework that did not go live, or lost requests. */
export interface Broken {
  name: string
  version: string
  from: Starter['from']
  /** One sentence. */
  reason: string
  day: string
}

export const today = (): string => new Date().toISOString().slice(0, 10)
