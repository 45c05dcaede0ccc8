export type PackageManager = 'npm' | 'pnpm' | 'yarn'

/** Node.js of any major and the package managers, from npm's packages, readable by every app. */
export interface Runtimes {
  /** Folder with `node`. */
  node(major: number, signal?: AbortSignal): Promise<string>
  /** Folder with the package manager's program; `version` as in package.json's `packageManager`. */
  manager(
    name: PackageManager,
    wanted: { version: string | null; node: number },
    signal?: AbortSignal,
  ): Promise<string>
  /** What builds depend on besides their source: versions of all of these, of the system and its processor. */
  toolchain(): Promise<string>
}
