import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { headings, withLine } from '../kit/page-table.ts'
import type { Tally } from './tally.ts'
import type { Versions } from './versions.ts'

const PAGE = 'docs/versions.md'

/** Writes down in docs/versions.md what a whole run was tried with, and how it went. */
export async function tried(project: string, versions: Versions, tally: Tally | null): Promise<void> {
  const path = join(project, PAGE)
  const day = new Date().toISOString().slice(0, 10)
  await writeFile(path, withRow(await readFile(path, 'utf8'), { versions, tally, day }))
}

export interface Trial {
  versions: Versions
  tally: Tally | null
  day: string
}

/** The page with the row of this system: a new one, or in the place of the one for the same release. */
export function withRow(page: string, trial: Trial): string {
  const head = '| system |'
  return withLine(
    page,
    headings(page, head).map(name => cell(name, trial)),
    { head, key: release, order: (one, two) => one.localeCompare(two, 'en', { numeric: true }) },
  )
}

/** `Debian 13.8` is Debian 13; Ubuntu's are 24.04 and 24.10. */
const release = (system: string): string => system.replace(/^(Debian \d+).*/, '$1')

function cell(name: string, { versions, tally, day }: Trial): string {
  if (name === 'on') return day
  if (name !== 'tests') return versions[name] ?? ''
  if (tally === null) return 'broken off'
  const { passed, failed, skipped } = tally
  return [
    `${passed} passed`,
    ...(failed > 0 ? [`**${failed} failed**`] : []),
    ...(skipped > 0 ? [`${skipped} left out`] : []),
  ].join(', ')
}
