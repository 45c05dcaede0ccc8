import type { Command } from 'commander'

const HEAD = `# Commands

Every command has \`--json\` (one document on standard output, of \`inn logs\` one for each line; its shapes are the schemas in the files \`wire.ts\` of \`server/src\`) and \`--help\` with an example. \`[app]\` may be left out in the folder of an app, and where there is only one.

Environment: \`INNKEEPER_HOME\` moves everything (default \`/var/lib/innkeeper\` as root, \`~/.innkeeper\` otherwise). \`INNKEEPER_HTTP_PORT\` at the first \`inn up\` sets the public port of apps with domains (\`none\`: no app is public), \`INNKEEPER_HTTPS_PORT\` that for TLS (default: 443 beside 80, 8443 beside 8080, else none), \`INNKEEPER_PROXY_PROTOCOL=on\` says that a load balancer in front speaks the PROXY protocol to both, \`INNKEEPER_RESOLVER\` is the DNS server (address:port) at which domains are looked up before an authority is asked, and \`INNKEEPER_METRICS=none\` leaves Prometheus and its exporters away. \`--host\` before a command, \`INNKEEPER_HOST\` or \`inn server use\` send it to another server by ssh; \`INNKEEPER_URL\` and \`INNKEEPER_TOKEN\` reach a keeper by its address.

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | it failed, or was undone: nothing that serves was changed |
| 2 | the command line or the file is wrong |
| 3 | done, and something is left over; the text says what |
| 4 | stuck: a person must act; the text says how |
| 5 | the keeper does not answer |
| 6 | \`inn status\`: an app is down or degraded, or a part of the server is not up; \`inn status APP\` asks about one app |
| 130 | interrupted; what had begun goes on in the keeper |

\`status --json\` has \`{ keeper: { version, pid, rssBytes, url, … }, apps: [{ name, environment, url, colour, release, state, services: [{ name, instances: [{ colour, n, pid, port, state, … }] }] }] }\`. \`deploy --json\`, \`rollback --json\` and every other change end with \`{ outcome, release, steps: [{ title, state, ms }], failure, leftover, ms }\`.
`

/** docs/commands.md, from the commands themselves. */
export function reference(program: Command): string {
  return [
    HEAD,
    ...program.commands.flatMap(command =>
      command.commands.length > 0
        ? [
            // Some do something of their own besides.
            ...(command.registeredArguments.length > 0 ? [one(command, '')] : []),
            ...command.commands.map(sub => one(sub, `${command.name()} `)),
          ]
        : [one(command, '')],
    ),
  ].join('\n')
}

function one(command: Command, before: string): string {
  let help = ''
  command.configureOutput({
    writeOut: text => (help += text),
    getOutHelpWidth: () => 110,
    getOutHasColors: () => false,
  })
  command.outputHelp()
  return `## inn ${before}${command.name()}\n\n\`\`\`text\n${help.trim()}\n\`\`\`\n`
}
