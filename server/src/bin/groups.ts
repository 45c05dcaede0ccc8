import type { Command } from 'commander'

/** What the commands are for, in the order in which somebody meets them. The others stand at the end. */
const GROUPS: Record<string, readonly string[]> = {
  'Bring an app to serve:': [
    'init',
    'check',
    'deploy',
    'secrets',
    'ci',
    'git',
    'promote',
    'preview',
    'approvals',
    'rollback',
    'forward',
    'switch',
    'scale',
    'restart',
    'stop',
    'start',
    'remove',
  ],
  'See what happens:': [
    'status',
    'ps',
    'where',
    'top',
    'metrics',
    'logs',
    'errors',
    'releases',
    'rebuild',
    'history',
    'audit',
    'env',
    'open',
    'mcp',
  ],
  'Be told what is wrong:': [
    'probes',
    'checkins',
    'alerts',
    'ack',
    'silence',
    'notify',
    'outbox',
    'incident',
    'status-page',
    'runbook',
    'maintenance',
    'report',
    'security',
  ],
  'Act inside of an app:': ['run', 'job', 'db', 'cancel'],
  'Data, and bringing it back:': ['backup', 'restore', 'copies', 'drill', 'retention', 'recovery', 'recover'],
  'Domains:': ['certs'],
  'People and tokens:': ['people', 'token'],
  'This server, and others:': ['up', 'down', 'upgrade', 'server', 'version', 'completion'],
  'This checkout of Innkeeper:': ['demo', 'dev', 'test', 'pack'],
}

export function grouped(program: Command): void {
  for (const [heading, names] of Object.entries(GROUPS))
    for (const name of names) program.commands.find(one => one.name() === name)?.helpGroup(heading)
  const order = Object.values(GROUPS).flat()
  // A name that stands in no group comes last.
  const rank = (one: Command) => (order.indexOf(one.name()) + order.length + 1) % (order.length + 1)
  ;(program.commands as Command[]).sort((a, b) => rank(a) - rank(b))
}
