import { appLock } from '../../apps/app/names.ts'
import type { Plan } from '../../engine/plan.ts'
import { Failure } from '../../kernel/failure.ts'
import { didYouMean, list } from '../../kernel/words.ts'
import type { TableFacts } from './facts.ts'
import type { DoctorStep } from './step.ts'
import type { TunedSetting } from './tuning.ts'

/** Tables whose dead rows are worth a walk through them, when none is named. */
const LEAST_DEAD = 1_000
const MOST = 50

/** Plans to vacuum a table, or those that need it. Nothing is locked, and what was done stays done. Failures `table.unknown`, `vacuum.nothing`. */
export function planVacuum(
  app: string,
  tables: readonly TableFacts[],
  named: string | null,
): Plan<DoctorStep> {
  const chosen = named === null ? needing(tables) : [tableOf(app, tables, named)]
  if (chosen.length === 0)
    throw new Failure('vacuum.nothing', `no table of ${app} needs it`, {
      why: `none has more than ${LEAST_DEAD} dead rows, or was changed much since it was counted`,
      fix: `name one: \`inn db vacuum ${app} --table public.guest\``,
    })
  return {
    kind: 'vacuum',
    title: `vacuum ${chosen.length === 1 ? chosen[0]!.name : `${chosen.length} tables`} of ${app}`,
    app,
    release: null,
    locks: [appLock(app)],
    steps: chosen.map(({ name }) => ({ does: { kind: 'database.vacuum', app, table: name }, undo: null })),
    cleanup: [],
    notices: ['the app goes on; a deploy that comes meanwhile ends it'],
  }
}

/** Plans to start PostgreSQL with the settings that fit the machine. Failure `tune.nothing`. */
export function planTune(app: string, settings: readonly TunedSetting[]): Plan<DoctorStep> {
  const due = settings.filter(({ state }) => state === 'start')
  if (due.length === 0)
    throw new Failure(
      'tune.nothing',
      `the PostgreSQL of ${app} runs with the settings that fit the machine`,
      {
        why: 'each start gives it those of that moment, and nothing changed since',
        fix: `\`inn db tune ${app}\` shows them`,
      },
    )
  return {
    kind: 'tune',
    title: `fit the PostgreSQL of ${app} to the machine`,
    app,
    release: null,
    locks: [appLock(app)],
    steps: [
      {
        does: {
          kind: 'database.tune',
          app,
          settings: Object.fromEntries(due.map(({ name, wanted }) => [name, wanted])),
        },
        undo: null,
      },
    ],
    cleanup: [],
    notices: [
      'connections to the database are cut off, and queries fail for a second or two, until it has started; an hour when few are there is a good one',
    ],
  }
}

const needing = (tables: readonly TableFacts[]): TableFacts[] =>
  tables
    .filter(
      ({ deadRows, changedSinceAnalyze, rows, analyzedAt }) =>
        deadRows > LEAST_DEAD ||
        changedSinceAnalyze > Math.max(LEAST_DEAD, rows * 0.1) ||
        (analyzedAt === null && rows > LEAST_DEAD),
    )
    .sort((a, b) => b.deadRows - a.deadRows)
    .slice(0, MOST)

/** As it is written in the catalog, or without quotes, or without its schema where one table alone has that name. */
function tableOf(app: string, tables: readonly TableFacts[], named: string): TableFacts {
  const bare = (name: string) => name.replaceAll('"', '')
  const exact = tables.find(({ name }) => name === named || bare(name) === named)
  if (exact !== undefined) return exact
  const short = tables.filter(({ name }) => bare(name).endsWith(`.${named}`))
  if (short.length === 1) return short[0]!
  const names = tables.map(({ name }) => name)
  const near = didYouMean(named, names.map(bare))
  throw new Failure(
    'table.unknown',
    `${app} has ${short.length === 0 ? 'no table' : 'several tables'} ${named}`,
    {
      why:
        short.length > 0
          ? `there are ${list(short.map(one => one.name))}`
          : near === null
            ? 'it was mistyped'
            : `did you mean ${near}?`,
      fix: `\`inn db doctor ${app}\` shows the largest ones`,
    },
  )
}
