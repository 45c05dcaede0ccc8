import { count, list } from '../../kernel/words.ts'
import type { Facts, PackageFacts } from './facts.ts'

/** What was found, as rows for the terminal. What was not found has no row. */
export function findings(facts: Facts): Array<{ what: string; found: string }> {
  const rows: Array<[string, string[]]> = [
    ['languages', facts.languages.slice(0, 4)],
    ['frontend', each(facts.packages, pkg => pkg.frontends)],
    ['backend', each(facts.packages, pkg => pkg.backends)],
    ['bots', each(facts.packages, pkg => pkg.bots)],
    ['queues', each(facts.packages, pkg => pkg.queues)],
    ['build tools', facts.tools],
    ['packages', packages(facts)],
    [
      'node',
      unique(
        facts.packages.flatMap(pkg => (pkg.node === null ? [] : [`${pkg.node.value} (${pkg.node.from})`])),
      ),
    ],
    ['database', unique(facts.databases.map(d => `${d.kind} (${d.by})`))],
    [
      'migrations',
      facts.migrations.map(
        m =>
          `${m.kind}${m.files === null ? ', no files' : ` in ${m.files}`}${m.script === null ? '' : `, script "${m.script}"`}`,
      ),
    ],
    [
      'env files',
      [...unique(facts.envExamples.map(e => e.file)), ...facts.envFiles.map(file => `${file} (not read)`)],
    ],
    ['containers', [...facts.dockerfiles, ...facts.compose]],
    ['nginx', facts.nginx.map(file => file.path)],
    ['CI', facts.workflows],
    ['scripts', harmful(facts)],
  ]
  return rows
    .filter(([, found]) => found.length > 0)
    .map(([what, found]) => ({ what, found: shortened(found) }))
}

const unique = (all: readonly string[]): string[] => [...new Set(all)]

/** Values of all packages. When there are several packages, each value names its folder. */
function each(all: readonly PackageFacts[], of: (pkg: PackageFacts) => readonly string[]): string[] {
  const having = all.filter(pkg => of(pkg).length > 0)
  return unique(
    having.map(
      pkg => `${of(pkg).join(', ')}${having.length > 1 && pkg.folder !== '.' ? ` in ${pkg.folder}` : ''}`,
    ),
  )
}

function packages(facts: Facts): string[] {
  const real = facts.packages.filter(
    pkg => pkg.name !== '' || pkg.dependencies.size + pkg.devDependencies.size > 0,
  )
  const locks = unique(
    real.map(pkg =>
      pkg.lockfile === null
        ? `${pkg.manager}, without a lockfile`
        : `${pkg.manager}${pkg.lockfile === '.' ? '' : ` in ${pkg.lockfile}`}`,
    ),
  )
  const workspaces =
    facts.workspaces === null ? [] : [`${count(real.length - 1, 'workspace')} (${facts.workspaces.from})`]
  return [...locks, ...workspaces]
}

const harmful = (facts: Facts): string[] =>
  facts.packages.flatMap(pkg =>
    pkg.starts
      .filter(script => script.name === 'start' && script.harms.length > 0)
      .map(
        script =>
          `"${script.name}"${pkg.folder === '.' ? '' : ` of ${pkg.folder}`} is not what should run: ${script.harms[0]}`,
      ),
  )

const MOST = 6
const shortened = (found: readonly string[]): string =>
  found.length <= MOST ? list(found) : `${found.slice(0, MOST).join(', ')} and ${found.length - MOST} more`
