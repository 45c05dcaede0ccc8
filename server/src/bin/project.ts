import { Option } from 'commander'
import type { Sub } from '../cli/options.ts'
import { version } from './version.ts'

/** Commands of whoever works on Innkeeper itself. A release has none of what they run. */
export function projectCommands(sub: Sub): void {
  sub('demo', 'deploy a real app, change it under load, and count what visitors lost', 'inn demo --once')
    .option('--once', 'stop everything at the end; fail when anything failed')
    .action(async flags => (await import('../../../demo/demo.ts')).demo(flags))
  sub(
    'dev',
    'keeper and dashboard from this checkout, new when their source changes; until Ctrl-C',
    'inn dev',
  )
    .option('--fixture', 'the dashboard alone, with made-up data')
    .action(async flags => (await import('../../../test/dev.ts')).dev(flags))
  sub('test [pattern]', "run Innkeeper's own tests", 'inn test engine')
    .option('--quick', 'types, style, and of the tests those that need nothing but Node.js; some seconds')
    .addOption(
      new Option('--coverage', 'how much of what they load the quick tests cover').conflicts('quick'),
    )
    .addOption(
      new Option(
        '--examples',
        'deploy the five reference apps side by side under load instead; some minutes',
      ).conflicts('quick'),
    )
    .addOption(
      new Option(
        '--starters',
        "deploy what frameworks' own starters make instead, for docs/frameworks.md; an hour or two",
      ).conflicts(['quick', 'examples', 'root']),
    )
    .option('--root <release>', 'in a fresh root of this Debian release, e.g. trixie, made by debootstrap')
    .addOption(
      new Option('--versions', 'what the tests run with: the versions of the programs').conflicts('root'),
    )
    .action(async (pattern, flags) => (await import('../../../test/run.ts')).runTests(pattern, flags))
  sub('pack', 'make a release: one archive, and its checksum beside it', 'inn pack --into /tmp')
    .option('--into <folder>', 'where it is put; default: the present folder')
    .action(async flags => (await import('../../../release/pack.ts')).pack(version(), flags))
}
