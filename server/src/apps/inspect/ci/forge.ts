/** Who runs the workflows. */
export const FORGES = ['github', 'gitlab', 'forgejo', 'gitea'] as const
export type Forge = (typeof FORGES)[number]

/** Where the workflow of a forge lies. */
export const FILES: Readonly<Record<Forge, string>> = {
  github: '.github/workflows/innkeeper.yml',
  gitlab: '.gitlab-ci.yml',
  forgejo: '.forgejo/workflows/innkeeper.yml',
  gitea: '.gitea/workflows/innkeeper.yml',
}

const HOSTS: ReadonlyArray<[RegExp, Forge]> = [
  [/github/, 'github'],
  [/gitlab/, 'gitlab'],
  [/forgejo|codeberg/, 'forgejo'],
  [/gitea/, 'gitea'],
]

/** The forge of a repository: what its remote is called, or else the only one whose folder is there; null: neither says. */
export function guessForge(remote: string | null, there: readonly Forge[]): Forge | null {
  // Of the address the host alone: a repository may be called after a forge.
  const host = /^(?:\w+:\/\/)?(?:[^@/]*@)?([^:/]+)/.exec(remote ?? '')?.[1] ?? ''
  return HOSTS.find(([name]) => name.test(host))?.[1] ?? (there.length === 1 ? there[0]! : null)
}
