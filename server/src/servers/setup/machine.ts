export interface Answer {
  code: number
  /** Standard output. */
  out: string
  /** The end of both outputs. */
  tail: string
}

export interface How {
  timeoutMs?: number
  env?: Readonly<Record<string, string>>
  onLine?: (line: string) => void
}

/** A machine that is looked at: this one, or one that is reached by ssh. */
export interface Looking {
  /** Runs a program to its end. Any code is an answer; 127: there is no such program. */
  exec(argv: readonly string[], how?: How): Promise<Answer>
  /** Runs programs that change nothing, in one go. What each printed, in order; null: it failed or is not there. */
  all(looks: ReadonlyArray<readonly string[]>): Promise<Array<string | null>>
  /** The text of a file; null: there is none that can be read. */
  read(path: string): Promise<string | null>
}

/** The machine that is set up. */
export interface Machine extends Looking {
  /** The whole text or the old one, also after a power cut; its folder is made. */
  write(path: string, text: string, mode: number): Promise<void>
  /** Without effect when there is no such file. */
  remove(path: string): Promise<void>
}

/** A machine by ssh: one connection for all that is asked. */
export interface Distant extends Looking {
  destination: string
  /** Unpacks Innkeeper there as this folder, whole or not at all. Failure `setup.tree`. */
  bring(to: string, architecture: string): Promise<void>
  /** Runs a program by a connection of its own, which shows that this machine still gets in. */
  afresh(argv: readonly string[]): Promise<Answer>
  /** Which of these ports answer from here; null: this machine cannot know, because ssh goes another way. */
  open(ports: readonly number[]): Promise<readonly number[] | null>
}
