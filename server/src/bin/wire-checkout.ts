import type { Checkout } from '../cli/checkout.ts'
import { branchOf } from '../drivers/git/branch.ts'
import { history } from '../drivers/git/history.ts'
import { originOf } from '../drivers/git/origin.ts'
import { receivedIn } from '../drivers/git/received.ts'
import { listed, tracked } from '../drivers/git/tracked.ts'
import { sources } from '../drivers/host/source.ts'
import { promtoolProblem } from '../drivers/prometheus/promtool.ts'
import { pack, packable } from '../drivers/tar/archive.ts'
import { ownRulesYaml } from '../watch/metrics/own-rules.ts'

export const checkout: Checkout = {
  ...{ tracked, listed, history, origin: originOf, branch: branchOf, packable, pack, source: sources },
  received: receivedIn,
  alertsProblem: async (app, alerts) => promtoolProblem(ownRulesYaml(app, alerts)),
}
