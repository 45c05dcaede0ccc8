/** Encrypts texts for as long as they are kept. */
export interface Cipher {
  encrypt(text: string): Promise<string>
  /** What was never encrypted comes back as it is. Failure `store.key`. */
  decrypt(kept: string): Promise<string>
}

/** A cipher whose texts another program opens, too. */
export interface FileCipher extends Cipher {
  /** The program that prints what an encrypted file holds. The path of the file comes last. */
  opener: readonly string[]
}

/** For a store in memory, which lies nowhere. */
export const PLAIN: Cipher = { encrypt: async text => text, decrypt: async kept => kept }

/** The first and the last line of what age writes as text. */
export const ENCRYPTED_BEGIN = '-----BEGIN AGE ENCRYPTED FILE-----'
export const ENCRYPTED_END = '-----END AGE ENCRYPTED FILE-----'

export const isEncrypted = (kept: string): boolean => kept.startsWith(ENCRYPTED_BEGIN)
