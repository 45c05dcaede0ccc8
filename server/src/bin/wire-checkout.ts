import { join } from 'node:path'
import type { Checkout } from '../cli/checkout.ts'
import { branchOf } from '../drivers/git/branch.ts'
import { history } from '../drivers/git/history.ts'
import { originOf } from '../drivers/git/origin.ts'
import { receivedIn } from '../drivers/git/received.ts'
import { listed, tracked } from '../drivers/git/tracked.ts'
import { sources } from '../drivers/host/source.ts'
import { liquid } from '../drivers/liquid/apart.ts'
import { promtoolProblem } from '../drivers/prometheus/promtool.ts'
import { pack, packable } from '../drivers/tar/archive.ts'
import { ownRulesYaml } from '../watch/metrics/own-rules.ts'
import { library } from '../watch/runbooks/library.ts'
import { PROJECT } from './version.ts'

export const checkout: Checkout = {
  ...{ tracked, listed, history, origin: originOf, branch: branchOf, packable, pack, source: sources },
  received: receivedIn,
  async runbooks(folder) {
    const own = sources(join(PROJECT, 'docs/runbooks'))
    const all = await library({ own, served: async () => sources(folder) }).all('here')
    return all.map(({ runbook: { name, safe }, problems }) => ({ name, safe, problems }))
  },
  templates: liquid().check,
  alertsProblem: async (app, alerts) => promtoolProblem(ownRulesYaml(app, alerts)),
}
