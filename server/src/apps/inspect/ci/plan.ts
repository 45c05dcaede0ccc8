import { stringify } from 'yaml'
import type { AppConfig } from '../../../config/config.ts'
import type { Facts } from '../facts.ts'
import { actions } from './actions.ts'
import { deployJob, type Way } from './deploy.ts'
import { FILES, type Forge } from './forge.ts'
import { gitlab } from './gitlab.ts'
import { type Stage, type Target, targetNotes, targetsOf } from './targets.ts'
import { testJob } from './tests.ts'

export interface Workflow {
  forge: Forge
  /** From the root of the repository. */
  path: string
  environments: string[]
  text: string
  variables: string[]
  secrets: string[]
  notes: string[]
}

interface Wishes {
  forge: Forge
  way: Way
  /** The branch of production; null: what the file says, or main. */
  branch: string | null
  config: AppConfig
  /** The environment before production. */
  stage: Stage | null
  facts: Facts
}

/** The workflow of an app: a test of each push, a deploy to the environment before production, and one to production that a person lets go. */
export function workflow({ forge, way, branch, config, stage, facts }: Wishes): Workflow {
  const targets = targetsOf({ config, stage, branch })
  const previews = config.previews === undefined ? null : config.name
  const jobs = { test: testJob(config, facts), targets, way, previews }
  const { variables, secrets } = deployJob(way, [])
  const body = forge === 'gitlab' ? gitlab(jobs) : actions(forge, jobs)
  const names = [...targets.map(({ job }) => job), 'preview', 'preview-down'].join('|')
  const yaml = stringify(body, { lineWidth: 0, aliasDuplicateObjects: false }).replaceAll(
    new RegExp(`\\n(?=[a-z]| {2}(?:${names}):\\n)`, 'g'),
    '\n\n',
  )
  return {
    forge,
    path: FILES[forge],
    environments: targets.map(({ environment }) => environment),
    text: `${head(forge, targets, previews !== null)}${wanted(variables, secrets)}\n${yaml}`,
    variables,
    secrets,
    notes: [...jobs.test.notes, ...targetNotes(targets, config)],
  }
}

const LET_GO: Readonly<Record<Forge, (job: string) => string>> = {
  github: () =>
    'when the reviewers of the environment\n# "production" approve (Settings, Environments: without reviewers at once)',
  gitlab: job => `when somebody presses the job "${job}"`,
  forgejo: byHand,
  gitea: byHand,
}

function byHand(): string {
  return 'when somebody runs this\n# workflow by hand (Actions, innkeeper, Run workflow)'
}

function head(forge: Forge, targets: readonly Target[], previews: boolean): string {
  const lines = targets.map(({ job, environment, branch, approved, promoted }) => {
    const what = promoted === null ? `${branch} is deployed` : `what ${promoted} serves is promoted`
    const where = targets.length === 1 ? '' : ` to ${environment}`
    return `${what}${where}${approved ? `, ${LET_GO[forge](job)}` : ''}`
  })
  if (previews)
    lines.push(
      `a ${forge === 'gitlab' ? 'merge' : 'pull'} request of this repository has a preview while it is open`,
    )
  return `# Written by inn ci init. Every push is tested; then\n${lines.map(line => `# ${line}.\n`).join('')}`
}

const wanted = (variables: readonly string[], secrets: readonly string[]): string =>
  `# It reads the variables ${variables.join(' and ')}, and the secret ${secrets.join(' and ')}:\n# docs/ci.md of Innkeeper says what they are.\n`
