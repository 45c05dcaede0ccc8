import type { Sentences } from '../../engine/plan.ts'
import { list } from '../../kernel/words.ts'
import { type SetupStep, setupSentences } from '../setup/step.ts'
import type { Installed, Tarball } from './facts.ts'

/** Those of a set-up that an upgrade has, too. */
type Shared = Extract<SetupStep, { kind: 'setup.file' | 'setup.unfile' | 'setup.link' | 'setup.unlink' }>

/** The steps of an upgrade, as data. Each may run twice. */
export type UpgradeStep =
  | Shared
  | { kind: 'upgrade.unpack'; tarball: Tarball; folder: string }
  | { kind: 'upgrade.discard'; folder: string }
  | { kind: 'upgrade.bring'; folder: string }
  | { kind: 'upgrade.packages'; folder: string; packages: readonly string[] }
  | { kind: 'upgrade.rehearse'; to: Installed }
  | { kind: 'upgrade.swap'; from: Installed; to: Installed }
  | { kind: 'upgrade.back'; from: Installed; to: Installed }
  | { kind: 'upgrade.tidy'; keep: string }

/** How long the new keeper has to answer rightly. */
export const ANSWERS_WITHIN_SECONDS = 60

export const upgradeSentences: Sentences<UpgradeStep> = {
  'setup.file': setupSentences['setup.file'],
  'setup.unfile': setupSentences['setup.unfile'],
  'setup.link': setupSentences['setup.link'],
  'setup.unlink': setupSentences['setup.unlink'],
  'upgrade.unpack': s => `unpack ${s.tarball.path} as ${s.folder}`,
  'upgrade.discard': s => `remove ${s.folder}`,
  'upgrade.bring': s => `bring what ${s.folder} runs with: Node.js and the npm packages`,
  'upgrade.packages': s => `install ${list(s.packages)}; an undo leaves them`,
  'upgrade.rehearse': s => `rehearse: ${s.to.version} opens a copy of the store and is asked for all apps`,
  'upgrade.swap': s =>
    `stop the keeper, keep its store, define the services of keeper and edge as ${s.to.version} has them, start it; it has ${ANSWERS_WITHIN_SECONDS} s to answer rightly`,
  'upgrade.back': s => `the keeper of ${s.from.version} with its store, as before`,
  'upgrade.tidy': s => `remove what earlier upgrades kept of the store; ${s.keep} stays`,
}
