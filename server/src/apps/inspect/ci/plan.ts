import { stringify } from 'yaml'
import type { AppConfig } from '../../../config/config.ts'
import type { Facts } from '../facts.ts'
import { actions } from './actions.ts'
import { deployJob, type Way } from './deploy.ts'
import { FILES, type Forge } from './forge.ts'
import { gitlab } from './gitlab.ts'
import { testJob } from './tests.ts'

export interface Workflow {
  forge: Forge
  /** From the root of the repository. */
  path: string
  text: string
  variables: string[]
  secrets: string[]
  notes: string[]
}

interface Wishes {
  forge: Forge
  way: Way
  branch: string
  config: AppConfig
  facts: Facts
}

/** The workflow of an app: a test of each push, and a deploy of one branch that a person lets go. */
export function workflow({ forge, way, branch, config, facts }: Wishes): Workflow {
  const jobs = { test: testJob(config, facts), deploy: deployJob(config.name, way), branch }
  const { variables, secrets } = jobs.deploy
  const body = forge === 'gitlab' ? gitlab(jobs) : actions(forge, jobs)
  const yaml = stringify(body, { lineWidth: 0, aliasDuplicateObjects: false }).replaceAll(
    /\n(?=[a-z]| {2}deploy:\n)/g,
    '\n\n',
  )
  return {
    forge,
    path: FILES[forge],
    text: `${HEAD[forge](branch)}${wanted(variables, secrets)}\n${yaml}`,
    variables,
    secrets,
    notes: jobs.test.notes,
  }
}

const HEAD: Readonly<Record<Forge, (branch: string) => string>> = {
  github: branch =>
    `# Written by inn ci init. Every push is tested; ${branch} is deployed then, when the reviewers of the environment\n# "production" approve (Settings, Environments: without reviewers at once).\n`,
  gitlab: branch =>
    `# Written by inn ci init. Every push is tested; ${branch} is deployed when somebody presses the job "deploy".\n`,
  forgejo: byHand,
  gitea: byHand,
}

function byHand(branch: string): string {
  return `# Written by inn ci init. Every push is tested; ${branch} is deployed, after the same tests, when somebody runs this\n# workflow by hand (Actions, innkeeper, Run workflow).\n`
}

const wanted = (variables: readonly string[], secrets: readonly string[]): string =>
  `# It reads the variables ${variables.join(' and ')}, and the secret ${secrets.join(' and ')}:\n# docs/ci.md of Innkeeper says what they are.\n`
