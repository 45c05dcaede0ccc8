import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CASES } from '../../apps/lint/cases.ts'
import { RULES } from '../../apps/lint/rules.ts'

const code = (names: string | null): string =>
  names === null
    ? ''
    : names
        .split(', ')
        .map(name => `\`${name}\``)
        .join(', ')

/** The rules, with what other tools call them, and how squawk judges the same SQL. */
export function rulesTable(): string {
  const asked = CASES.filter(({ rule }) => rule === null || RULES[rule].squawk !== null)
  const differ = asked.filter(({ differs }) => differs !== undefined)
  return [
    '| rule | finds | squawk | strong_migrations |',
    '|---|---|---|---|',
    ...Object.entries(RULES).map(
      ([id, { what, squawk, strongMigrations }]) =>
        `| \`${id}\` | ${what} | ${code(squawk)} | ${code(strongMigrations)} |`,
    ),
    '',
    `Of ${CASES.length} statements in \`server/src/apps/lint/cases.ts\`, squawk has a rule for ${asked.length}, or should find nothing; of these it says the same of ${asked.length - differ.length}. The others:`,
    '',
    '| SQL | here | squawk |',
    '|---|---|---|',
    ...differ.map(
      ({ sql, rule, differs }) =>
        `| \`${sql.replaceAll('\n', ' ').replaceAll('|', '\\|')}\` | ${rule === null ? 'nothing' : `\`${rule}\``} | ${differs} |`,
    ),
  ].join('\n')
}

const FILE = join(import.meta.dirname, '../../../../docs/migrations.md')
const MARKS = /(?<=<!-- rules -->\n\n)[\s\S]*?(?=\n\n<!-- end -->)/

/** docs/migrations.md with the table of today. */
export const page = (): string => readFileSync(FILE, 'utf8').replace(MARKS, () => rulesTable())

if (process.argv[1] === import.meta.filename) writeFileSync(FILE, page())
