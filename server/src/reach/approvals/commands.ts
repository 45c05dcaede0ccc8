import { among, type CommandLine } from '../../cli/options.ts'

export function commands({ program, cli }: CommandLine): void {
  const load = () => import('./cli.ts')
  const more = among(program, 'approvals', 'changes that wait until somebody else has approved them')
  more('list', 'what waits, and what became of the others', 'inn approvals list', { isDefault: true }).action(
    async flags => (await load()).list(await cli(flags)),
  )
  more('show <id>', 'what it would do', 'inn approvals show 3kf9a2xq').action(async (id, flags) =>
    (await load()).show(await cli(flags), id),
  )
  more('approve <id>', 'see its plan, and let it begin', 'inn approvals approve 3kf9a2xq')
    .option('--yes', 'do not ask')
    .action(async (id, flags) => (await load()).approve(await cli(flags), id, flags))
  more('refuse <id>', 'let it never begin', 'inn approvals refuse 3kf9a2xq').action(async (id, flags) =>
    (await load()).refuse(await cli(flags), id),
  )
}
