/** A program that waits for connections. */
export interface Listener {
  port: number
  /** Whether it is reached beyond loopback. */
  open: boolean
  pid: number | null
  /** Its program with arguments; null: of nobody that could be seen. */
  command: string | null
}

/** What is found on a machine before it is set up. */
export interface Facts {
  root: boolean
  distribution: { id: string; version: string; name: string }
  /** As `uname -m` says. */
  architecture: string
  memoryBytes: number
  swapBytes: number
  /** Whether a file of somebody else is where ours would be. */
  swapTaken: boolean
  disk: { freeBytes: number; type: string }
  /** What starts programs at boot. */
  init: 'systemd' | 'other'
  listeners: readonly Listener[]
  /** Names of the Debian packages that are installed. */
  installed: ReadonlySet<string>
  /** apt installs security updates by itself. */
  unattended: boolean
  ssh: {
    ports: readonly number[]
    /** Whether a password gets in; null: there is no sshd that says. */
    passwords: boolean | null
    /** Whether an account has a key that gets in. */
    keys: boolean
  }
  firewall: {
    /** A firewall of somebody else, by name. */
    other: string | null
    /** Tables of nftables, not ours, that refuse what they do not name. */
    closing: readonly string[]
    /** Our table as the kernel has it; null: there is none. */
    live: string | null
    /** The same as it was when it was confirmed. */
    confirmed: string | null
  }
  /** What Docker publishes beyond loopback. */
  docker: ReadonlyArray<{ container: string; port: number }>
  /** Path → text of what set-up writes; null: it is not there. */
  files: Readonly<Record<string, string | null>>
  /** Where `inn` leads to; null: it is not there, '': it is no link. */
  link: string | null
  /** Whether the supervision tree of this home runs. */
  up: boolean
}

/** What somebody asked for, and is asked for again by later runs. */
export interface Wishes {
  hardenSsh: boolean
  /** TCP ports that stay open besides those of ssh, http and https. */
  open: readonly number[]
}

/** Where Innkeeper is, or will be, on the machine. */
export interface Places {
  home: string
  project: string
}

/** What set-up wrote down of itself. */
export interface Kept {
  /** ISO 8601. */
  at: string
  wishes: Wishes
  /** Where Innkeeper is. */
  project: string
  /** Path → text. */
  files: Readonly<Record<string, string>>
  /** Path of the swap file that it made; null: none. */
  swap: string | null
}
