/** Encrypts texts for as long as they are kept. */
export interface Seal {
  seal(text: string): Promise<string>
  /** What was never sealed comes back as it is. Failure `store.key`. */
  open(kept: string): Promise<string>
}

/** A seal whose texts another program opens, too. */
export interface FileSeal extends Seal {
  /** The program that prints what a sealed file holds. The path of the file comes last. */
  opener: readonly string[]
}

/** For a store in memory, which lies nowhere. */
export const PLAIN: Seal = { seal: async text => text, open: async kept => kept }

/** The first line of what age writes as text. */
export const SEALED_BEGIN = '-----BEGIN AGE ENCRYPTED FILE-----'

export const isSealed = (kept: string): boolean => kept.startsWith(SEALED_BEGIN)
