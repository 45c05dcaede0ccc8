import { among, type CommandLine, whole } from '../../cli/options.ts'

export function commands({ program, cli }: CommandLine): void {
  const load = () => import('./cli.ts')
  const more = among(program, 'job', 'commands of apps that run by a schedule (docs/jobs.md)')
  more('list [app]', 'jobs with their next moment and how they stand', 'inn job list shop', {
    isDefault: true,
  }).action(async (app, flags) => (await load()).jobList(await cli(flags), app))
  more(
    'run <job> [app]',
    'run one now, and follow its output; the exit code is that of its command',
    'inn job run reminders shop',
  ).action(async (job, app, flags) => (await load()).jobRun(await cli(flags), job, app))
  more(
    'history <job> [app]',
    'its runs, the newest first, and what they printed',
    `inn job history reminders shop
  inn job history reminders shop --run 5f1c9d02ab34`,
  )
    .option('-n, --number <n>', 'how many', whole(1000), 20)
    .option('--run <id>', 'what this run printed; last: the newest one')
    .action(async (job, app, flags) => (await load()).jobHistory(await cli(flags), { job, app }, flags))
  more('stop <job> [app]', 'end the run that goes on', 'inn job stop reminders shop').action(
    async (job, app, flags) => (await load()).jobStop(await cli(flags), job, app),
  )
  more(
    'pause <job> [app]',
    'no run begins by itself until it is resumed, also after a deploy',
    'inn job pause reminders shop',
  ).action(async (job, app, flags) => (await load()).jobPause(await cli(flags), { job, app }, 'pause'))
  more(
    'resume <job> [app]',
    'runs begin by themselves again; what came during the pause is not made up for',
    'inn job resume reminders shop',
  ).action(async (job, app, flags) => (await load()).jobPause(await cli(flags), { job, app }, 'resume'))
}
