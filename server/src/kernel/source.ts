/** The port to a folder whose content an app controls: its source, and files that its builds left. */
export interface Source {
  /**
   * The text of a file; null: it does not exist. Failure `source.refused`: it is no regular file, is larger than 8 MB, or
   * a link leads out of the folder.
   */
  text(path: string): Promise<string | null>
  /** Whether a file or folder exists inside. */
  has(path: string): Promise<boolean>
  /** Names of files and folders in a folder; null: the folder does not exist. Failure `source.refused`. */
  names(path: string): Promise<string[] | null>
}

/** `folder`: the top folder of an app's files. Only root may be able to rename it. */
export type Sources = (folder: string) => Source
