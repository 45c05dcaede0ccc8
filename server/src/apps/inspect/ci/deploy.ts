import { quoteShell } from '../../../kernel/quote.ts'

/** How CI reaches the server: by its address and a token, or by ssh. */
export type Way = { by: 'token' } | { by: 'ssh'; address: string }

/** The deploy of a commit, in three parts, so that secrets are there in the last one alone. */
export interface DeployJob {
  /** Brings the command `inn`, as on any other machine. */
  install: string[]
  /** Makes the key known to ssh; empty with a token. */
  key: string[]
  deploy: string[]
  /** What a person sets in the settings of the forge. */
  variables: string[]
  secrets: string[]
}

const set = (name: string): string => `: "\${${name}:?is not set: docs/ci.md of Innkeeper says what it is}"`

/** `lines`: arguments of `inn`. */
export function deployJob(way: Way, lines: readonly string[]): DeployJob {
  const install = [set('INNKEEPER_PACKAGE'), 'npm install --global "$INNKEEPER_PACKAGE"']
  const inn = way.by === 'ssh' ? `inn --host ${quoteShell(way.address)}` : 'inn'
  const run = lines.map(line => `${inn} ${line}`)
  if (way.by === 'token')
    return {
      install,
      key: [],
      deploy: [set('INNKEEPER_URL'), set('INNKEEPER_TOKEN'), ...run],
      variables: ['INNKEEPER_PACKAGE', 'INNKEEPER_URL'],
      secrets: ['INNKEEPER_TOKEN'],
    }
  return {
    install,
    key: [
      set('INNKEEPER_SSH_KEY'),
      set('INNKEEPER_KNOWN_HOSTS'),
      'umask 077',
      'mkdir -p ~/.ssh',
      'printf \'%s\\n\' "$INNKEEPER_SSH_KEY" > ~/.ssh/innkeeper',
      'printf \'%s\\n\' "$INNKEEPER_KNOWN_HOSTS" >> ~/.ssh/known_hosts',
      "printf 'IdentityFile ~/.ssh/innkeeper\\nIdentitiesOnly yes\\nBatchMode yes\\n' >> ~/.ssh/config",
    ],
    deploy: run,
    variables: ['INNKEEPER_PACKAGE', 'INNKEEPER_KNOWN_HOSTS'],
    secrets: ['INNKEEPER_SSH_KEY'],
  }
}
