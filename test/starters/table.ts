import { showDuration } from '../../server/src/kernel/durations.ts'
import { showSize } from '../../server/src/kernel/sizes.ts'
import { withLine } from '../kit/page-table.ts'
import type { Broken, Starter, Trial } from './starter.ts'

/** The page of docs/ with the row of one framework: a new one, or in the place of the one that it had. `names`: all frameworks, in the order of the rows. */
export function withTrial(page: string, trial: Trial | Broken, names: readonly string[]): string {
  const cells = [trial.name, trial.version, madeBy(trial.from), ...figures(trial), trial.day]
  return withLine(page, cells, {
    head: '| framework |',
    key: name => name,
    order: (one, two) => names.indexOf(one) - names.indexOf(two),
  })
}

const madeBy = (from: Starter['from']): string =>
  'starter' in from ? from.starter : `by hand, from its documentation: ${from.documentation}`

function figures(trial: Trial | Broken): string[] {
  if ('reason' in trial) return ['', '', '', '', `**not tried to its end**: ${trial.reason}`, '']
  const { tries, edit, ms, memory, requests, lost } = trial
  return [
    String(tries),
    edit === null ? '0' : `1: ${edit}`,
    showDuration(ms),
    memory === null ? 'files, no process' : showSize(memory),
    String(requests),
    lost === 0 ? '0' : `**${lost}**`,
  ]
}
