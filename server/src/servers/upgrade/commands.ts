import { plan, type Sub } from '../../cli/options.ts'
import type { ErrandFlags } from '../errands/cli-errand.ts'
import type { UpgradeTools } from './cli.ts'

/** Right below `inn`. It works on the keeper from outside, so what it needs comes from whoever starts it. */
export function upgradeCommand(sub: Sub, tools: () => Promise<UpgradeTools>): void {
  sub(
    'upgrade',
    'another version of Innkeeper instead of this one: tried on a copy, swapped, and back by itself when it does not answer',
    `inn upgrade --from innkeeper-0.2.0.tgz --plan
  inn upgrade --from innkeeper-0.2.0.tgz`,
  )
    .requiredOption('--from <path>', 'a release as inn pack makes it, its .sha256 beside it, or a folder')
    .addOption(plan())
    .option('--yes', 'do not ask')
    .action(async (flags: ErrandFlags & { from: string }) =>
      (await import('./cli.ts')).upgrade(await tools(), flags),
    )
}
