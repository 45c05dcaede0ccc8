import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rulesTable } from '../../watch/metrics/rules.ts'

/** docs/alerts.md, made of the rules themselves. */
export const page = (): string => `# Alerts

What every home is watched by, from the first deploy on. Nobody has to write these; they are made from \`server/src/watch/metrics/rules.ts\` by \`node server/src/drivers/prometheus/table.ts\`, and each has a test by \`promtool test rules\`. An alert fires once its expression had an answer for as long as *for* says; where a warning has become critical both fire.

${rulesTable()}
`

const FILE = join(import.meta.dirname, '../../../../docs/alerts.md')
if (process.argv[1] === import.meta.filename) writeFileSync(FILE, page())
