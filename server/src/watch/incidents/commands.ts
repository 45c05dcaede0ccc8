import { Option } from 'commander'
import { below, type CommandLine, collect } from '../../cli/options.ts'

export function commands({ program, cli }: CommandLine): void {
  const load = () => import('./cli.ts')
  const incident = below(
    program
      .command('incident')
      .description('what went wrong, who has it in hand, and what is learned from it'),
  )
  const severity = () =>
    new Option('--severity <severity>', 'how much it hurts').choices(['critical', 'major', 'minor'])
  incident('list', 'incidents, newest first, and how fast they were over', 'inn incident', {
    isDefault: true,
  })
    .option('--all', 'those of before the last ten, too')
    .action(async flags => (await load()).incidentList(await cli(flags), flags))
  incident('show <id>', 'what is known of one, with its timeline', 'inn incident show 12').action(
    async (id, flags) => (await load()).incidentShow(await cli(flags), id),
  )
  incident('open <title>', 'open one by hand', "inn incident open 'payments are refused' --app shop")
    .option('--app <app>', 'the app that it is about; left out: the server')
    .addOption(severity().default('major'))
    .option('--impact <text>', 'what people outside notice of it')
    .option('--lead <name>', 'who leads')
    .action(async (title, flags) => (await load()).incidentOpen(await cli(flags), title, flags))
  incident('set <id>', 'change what is said of it', 'inn incident set 12 --severity minor --lead anna')
    .option('--title <text>', 'what it is')
    .addOption(severity())
    .option('--impact <text>', 'what people outside notice of it')
    .option('--lead <name>', 'who leads')
    .action(async (id, flags) => (await load()).incidentSet(await cli(flags), id, flags))
  incident(
    'note <id> <text>',
    'add to its timeline',
    "inn incident note 12 'the provider says 20 minutes'",
  ).action(async (id, text, flags) => (await load()).incidentNote(await cli(flags), id, text))
  incident(
    'update <id>',
    'say something of it in public, on the status page and to who subscribed',
    "inn incident update 12 --say 'Cards are refused. We work on it.' --component Booking",
  )
    .requiredOption('--say <text>', 'what people outside are told')
    .addOption(
      new Option('--as <state>', 'how far it is; default: as before, at first investigating').choices([
        ...['investigating', 'identified', 'monitoring', 'resolved'],
      ]),
    )
    .option('--title <text>', 'what it is called in public; its own title never is')
    .option('--component <name>', 'a component of the page that it is about; several: once for each', collect)
    .action(async (id, flags) => (await load()).incidentUpdate(await cli(flags), id, flags))
  incident('ack <id>', 'say that you have it in hand, with all its alerts', 'inn incident ack 12').action(
    async (id, flags) => (await load()).incidentAck(await cli(flags), id),
  )
  incident(
    'resolve <id> [text]',
    'say that it is over, and what helped',
    "inn incident resolve 12 'new card key'",
  ).action(async (id, text, flags) => (await load()).incidentResolve(await cli(flags), id, text))
  incident(
    'review <id>',
    'print the draft of its review, as Markdown',
    'inn incident review 12 > review-12.md',
  ).action(async (id, flags) => (await load()).incidentReview(await cli(flags), id))
  incident(
    'follow-up <id> <text>',
    'ask for something to be done after it',
    "inn incident follow-up 12 'alert on the queue'",
  )
    .option('--in <duration>', 'when to ask about it', '14d')
    .action(async (id, text, flags) => (await load()).incidentFollow(await cli(flags), { id, text }, flags))
  incident('done <follow-up>', 'say that it is done', 'inn incident done 3').action(async (id, flags) =>
    (await load()).incidentDone(await cli(flags), id),
  )
}
