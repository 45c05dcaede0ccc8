/** Uploaded source archives, each named by its sha256. */
export interface Uploads {
  has(digest: string): Promise<boolean>
  /** Writes the archive to a temporary file, checks its sha256, and renames it into place. Failure `upload.mismatch`. */
  save(digest: string, body: NodeJS.ReadableStream): Promise<void>
}
