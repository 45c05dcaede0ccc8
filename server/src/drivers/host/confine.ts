import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { quoteShell } from '../../kernel/quote.ts'
import type { Confinement } from '../../servers/confinement/confinement.ts'

/** File descriptor from which the launcher reads the program's environment. */
export const ENVIRONMENT_FD = 3

/** The text of the launcher. Services keep a copy, so that they start the same way while Innkeeper is being replaced. */
export const launcher = (): string => readFileSync(join(import.meta.dirname, 'confine.sh'), 'utf8')

interface Program {
  /** Working directory; must be in `inside` of its confinement. */
  cwd: string
  argv: readonly string[]
}

/** Arguments of the launcher, from its first stage on. */
export function launcherArguments(confinement: Confinement, { cwd, argv }: Program): string[] {
  const { user, home, tmp, shown, inside, limits, cgroup, gate } = confinement
  return [
    'begin',
    String(limits.files),
    String(limits.processes),
    limits.memory === null ? '-' : String(limits.memory),
    cgroup ?? '-',
    gate?.path ?? '-',
    gate === null ? '-' : String(gate.port),
    user === null ? '-' : String(user.uid),
    user === null ? '-' : String(user.gid),
    home,
    tmp,
    ...shown,
    '--',
    inside,
    cwd,
    ...argv,
  ]
}

/** The environment as `export` lines for a shell. Names that a shell refuses are left out; innkeeper.yaml allows no such names. */
export const environmentText = (env: Readonly<Record<string, string>>): string =>
  Object.entries(env)
    .filter(([name]) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    .map(([name, value]) => `export ${name}=${quoteShell(value)}\n`)
    .join('')
