/** An Innkeeper on this machine. */
export interface Installed {
  /** Its folder: where its command `inn` lies. */
  folder: string
  version: string
}

/** What a keeper says of itself and of its apps; two that are right say the same. */
export interface Said {
  version: string
  apps: ReadonlyArray<{ name: string; release: string | null }>
}

/** A release as `inn pack` makes it. */
export interface Tarball {
  path: string
  sha256: string
}

/** What is found before an upgrade is planned. */
export interface Facts {
  home: string
  /** The Innkeeper whose keeper is the service of this home. */
  from: Installed
  to: Installed
  /** null: it lies there as a folder. */
  tarball: Tarball | null
  /** Whether the folder of `to` is there. */
  there: boolean
  /** Debian packages that the new one calls and that are not there. */
  missing: readonly string[]
  /** What the present keeper is busy with; null: nothing. */
  busy: string | null
  /** Where the command `inn` leads to; null: it is no link. */
  link: string | null
  /** Path → text of what starts Innkeeper at boot, and of what set-up wrote down; null: it is not there. */
  files: Readonly<Record<string, string | null>>
}
