/** Source archives that were sent here, each named by its sha256. */
export interface Uploads {
  has(digest: string): Promise<boolean>
  /** Writes it beside, checks its sha256, and puts it in place. Failure `upload.mismatch`. */
  save(digest: string, body: NodeJS.ReadableStream): Promise<void>
}
