/** The port to a folder whose content an app decides: its source, and what its builds left there. */
export interface Source {
  /**
   * Text of a file; null: there is none of that name. Failure `source.refused`: it is no regular file, is larger than
   * 8 MB, or a link leads out of the folder.
   */
  text(path: string): Promise<string | null>
  /** Whether there is a file or a folder of that name, inside. */
  has(path: string): Promise<boolean>
  /** Names in a folder, files and folders; null: there is no such folder. Failure `source.refused`. */
  names(path: string): Promise<string[] | null>
}

/** `folder`: where an app's files begin; nobody but root can rename it. */
export type Sources = (folder: string) => Source
