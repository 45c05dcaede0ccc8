export interface Manifest {
  dependencies: Record<string, string>
  devDependencies?: Record<string, string>
  scripts?: Record<string, string>
  [key: string]: unknown
}

interface Locked {
  dev?: boolean
  [key: string]: unknown
}

export interface Lock {
  packages: Record<string, Locked>
  [key: string]: unknown
}

/** package.json of a release: its command, and only what it runs with. */
export function releaseManifest({ devDependencies, scripts, ...manifest }: Manifest): Manifest {
  return { ...manifest, bin: { inn: 'inn' } }
}

/** The lockfile of a release: the same versions, without what only tests and builds need. */
export function releaseLock({ packages, ...lock }: Lock): Lock {
  const { devDependencies, ...own } = packages[''] ?? {}
  const kept = Object.entries(packages).filter(([path, { dev }]) => path !== '' && dev !== true)
  return { ...lock, packages: { '': { ...own, bin: { inn: 'inn' } }, ...Object.fromEntries(kept) } }
}
