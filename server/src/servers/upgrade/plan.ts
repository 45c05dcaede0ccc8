import type { Plan } from '../../engine/plan.ts'
import { Failure } from '../../kernel/failure.ts'
import { cron, keptIn, PATHS } from '../setup/texts.ts'
import type { Facts } from './facts.ts'
import type { UpgradeStep } from './step.ts'

type Pair = Plan<UpgradeStep>['steps'][number]

const pair = (does: UpgradeStep, undo: UpgradeStep | null = null): Pair => ({ does, undo })

/** What has to be done so that this home is kept by the other Innkeeper; no steps: nothing. */
export function planUpgrade(facts: Facts): Plan<UpgradeStep> {
  const { from, to, busy } = facts
  const nothing = from.folder === to.folder
  if (!nothing && busy !== null)
    throw new Failure('upgrade.busy', 'the keeper is busy', {
      why: `${busy} is under way, and another version may not know how to go on with it`,
      fix: 'wait for it (`inn history` shows it), then try again',
    })
  return {
    kind: 'upgrade',
    title: `upgrade Innkeeper ${from.version} to ${to.version}`,
    app: null,
    release: null,
    locks: ['machine'],
    steps: nothing ? [] : stepsOf(facts),
    cleanup: nothing ? [] : [{ kind: 'upgrade.tidy', keep: `keeper.db.before-${to.version}` }],
    notices: nothing ? [] : notices(facts),
  }
}

function stepsOf(facts: Facts): Pair[] {
  const { home, from, to, tarball, there, missing } = facts
  const { folder } = to
  return [
    ...(tarball === null || there
      ? []
      : [pair({ kind: 'upgrade.unpack', tarball, folder }, { kind: 'upgrade.discard', folder })]),
    pair({ kind: 'upgrade.bring', folder }),
    ...(missing.length === 0 ? [] : [pair({ kind: 'upgrade.packages', folder, packages: missing })]),
    pair({ kind: 'upgrade.rehearse', to }, { kind: 'upgrade.discard', folder: `${home}/run/rehearsal` }),
    pair({ kind: 'upgrade.swap', from, to }, { kind: 'upgrade.back', from, to }),
    ...outside(facts),
  ]
}

/** What leads to the folder of the old one from outside of it. */
function outside({ home, from, to, link, files }: Facts): Pair[] {
  const [old, now] = [`${from.folder}/inn`, `${to.folder}/inn`]
  const linked =
    link === old
      ? [
          pair(
            { kind: 'setup.link', path: PATHS.link, to: now },
            { kind: 'setup.unlink', path: PATHS.link, to: old },
          ),
        ]
      : []
  const boot = cron({ home, project: to.folder })
  const before = cron({ home, project: from.folder })
  return [
    ...linked,
    ...rewritten(files, {
      path: PATHS.cron,
      mode: 0o644,
      what: 'Innkeeper at boot',
      as: text => (text === before ? boot : text),
    }),
    ...rewritten(files, {
      path: keptIn({ home }).record,
      mode: 0o600,
      what: 'what set-up wrote down',
      as: text => recorded(text, { from: from.folder, to: to.folder, boot: { before, now: boot } }),
    }),
  ]
}

interface Rewriting {
  path: string
  mode: number
  what: string
  as(text: string): string
}

function rewritten(files: Facts['files'], { path, mode, what, as }: Rewriting): Pair[] {
  const text = files[path] ?? null
  if (text === null || as(text) === text) return []
  return [
    pair(
      { kind: 'setup.file', path, text: as(text), what, mode },
      { kind: 'setup.unfile', path, text, mode },
    ),
  ]
}

interface Move {
  from: string
  to: string
  boot: { before: string; now: string }
}

/** The record of a set-up, for the new folder. */
function recorded(text: string, { from, to, boot }: Move): string {
  const record = JSON.parse(text) as { project: string; files: Record<string, string> }
  if (record.project !== from) return text
  const files = Object.fromEntries(
    Object.entries(record.files).map(([path, kept]) => [path, kept === boot.before ? boot.now : kept]),
  )
  return `${JSON.stringify({ ...record, project: to, files }, null, 2)}\n`
}

function notices({ from, to }: Facts): string[] {
  return [
    'apps, databases and the edge go on serving; the dashboard and commands rest for a second or two',
    `the edge takes up what ${to.version} configures with the next change of a site`,
    `${from.folder} stays: \`inn upgrade --from ${from.folder}\` leads back as long as the store is not changed by ${to.version}`,
  ]
}
