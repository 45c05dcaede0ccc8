/** A command that says the value of a secret. */
export interface Asking {
  argv: readonly string[]
  /** Its credentials. Nothing of the keeper's own environment is in it. */
  env: Readonly<Record<string, string>>
  timeoutMs: number
  signal?: AbortSignal
}

/** How it ended. */
export interface Answered {
  /** `late`: it was ended after its time; `large`: it was ended because of how much it printed. */
  ended: 'itself' | 'late' | 'large'
  /** null: a signal ended it. */
  code: number | null
  /** What it printed as the value. */
  output: Buffer
  /** The end of what it printed besides. */
  said: string
}

/** Runs such commands: as a user that no app runs as and that owns nothing, without a shell. Any end is an answer. */
export type Provider = (asking: Asking) => Promise<Answered>
